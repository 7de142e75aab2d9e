/** The demo's line language: what a person does, a fault, or a wait. Pure. */

export type UserName = 'alice' | 'bob' | 'carol';

export type Line =
  | { kind: 'command'; user: UserName; text: string }
  | { kind: 'click'; user: UserName; label: string }
  /** Sends the open form; `text` goes into its first field, an empty one nowhere. */
  | { kind: 'send'; user: UserName; text: string }
  | { kind: 'fault'; host: string; what: 'dies' | 'engine-dies' | 'cut-off' | 'comes-back' }
  | { kind: 'wait'; text: string };

export const LINE_HELP = `A line is one of
  /swarm ...                                        typed by alice in #ops
  bob: /swarm ...                                   typed by somebody else (alice, bob, carol)
  bob clicks Approve                                presses the newest such button, in #ops or in bob's direct messages
  bob writes not today                              into the form that this opened (its first field), and sends it
  bob sends                                         the form as it is
  host fedora-04 dies | engine-dies | cut-off | comes-back
  wait for TEXT                                     until the channel shows it`;

/** @throws Error with the line and the language when it is none of them. */
export function parseLine(line: string): Line {
  const text = line.trim();
  const command = /^(?:(?<user>alice|bob|carol):\s*)?(?<text>\/\S.*)$/su.exec(text)?.groups;
  if (command?.['text'])
    return { kind: 'command', user: (command['user'] ?? 'alice') as UserName, text: command['text'] };
  const click = /^(?<user>alice|bob|carol) clicks (?<label>.+)$/u.exec(text)?.groups;
  if (click?.['label'])
    return { kind: 'click', user: click['user'] as UserName, label: click['label'].trim() };
  const form = /^(?<user>alice|bob|carol) (?:writes (?<text>\S.*)|sends)$/su.exec(text)?.groups;
  if (form?.['user'])
    return { kind: 'send', user: form['user'] as UserName, text: form['text']?.trim() ?? '' };
  const fault = /^host (?<host>\S+) (?<what>dies|engine-dies|cut-off|comes-back)$/u.exec(text)?.groups;
  if (fault?.['host']) return { kind: 'fault', host: fault['host'], what: fault['what'] as 'dies' };
  const wait = /^wait for (?<text>.+)$/su.exec(text)?.groups;
  if (wait?.['text']) return { kind: 'wait', text: wait['text'] };
  throw new Error(`"${line}" is not a line that the demo understands.\n${LINE_HELP}`);
}
