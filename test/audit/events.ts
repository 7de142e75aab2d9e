import fc from 'fast-check';
import { chained, type Entry } from '../../src/audit/chain.ts';
import type { AuditEvent, Head } from '../../src/audit/record.ts';
import type { Secret } from '../../src/secret.ts';

export const alice = { id: 'U0ALICE', name: 'alice', team: 'T1' };
export const bob = { id: 'U0BOB', name: 'bob', team: 'T1' };

export function about(request: string, title = 'scale websky 4') {
  const [command = ''] = title.split(' ');
  return {
    request,
    actor: alice,
    channel: 'C0OPS',
    command,
    title,
    targets: [{ kind: 'service' as const, name: 'websky' }],
  };
}

export function asked(request: string, title?: string): AuditEvent {
  const of = about(request, title);
  return { ...of, event: 'asked', line: of.title, reason: '' };
}

export function ended(request: string, title?: string): AuditEvent {
  return { ...about(request, title), event: 'ended', phase: 'done', message: '', hostKeys: {} };
}

/** Entries that follow on each other, from the first on. */
export function chain(events: AuditEvent[], secret: Secret, behind: Head = { seq: 0, hash: '' }): Entry[] {
  const entries: Entry[] = [];
  let head = behind;
  for (const event of events) {
    const entry = chained(event, head, 1_700_000_000_000 + head.seq, secret);
    entries.push(entry);
    head = entry;
  }
  return entries;
}

/** Any event, with any text in it. */
export const anyEvent: fc.Arbitrary<AuditEvent> = fc
  .tuple(
    fc.string({ unit: 'binary', maxLength: 30 }),
    fc.constantFrom('asked', 'changing', 'ended', 'forged'),
  )
  .map(([text, kind]): AuditEvent => {
    const of = about('ab12cd34', text);
    if (kind === 'asked') return { ...of, event: 'asked', line: text, reason: text };
    if (kind === 'changing') return { ...of, event: 'changing', step: 'Scale', what: text };
    if (kind === 'ended')
      return { ...of, event: 'ended', phase: 'done', message: text, hostKeys: { [text]: text, 7: text } };
    return { event: 'forged', request: text, why: text };
  });
