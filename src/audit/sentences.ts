/** What happened, as a sentence. Pure. */
import type { AuditEvent, Who } from './record.ts';

/** How the parts of a sentence are written: for a channel, or for a terminal. */
export interface Style {
  person: (who: Who) => string;
  channel: (id: string) => string;
  code: (text: string) => string;
  /** Other people's words. */
  plain: (text: string) => string;
  /** Whether the keys of hosts are a part of the sentence. */
  hostKeys: boolean;
}

/** For a terminal: control characters of others never reach it. */
export const TERMINAL: Style = {
  person: ({ id, name }) => `${printable(name)} (${printable(id)})`,
  channel: printable,
  code: (text) => `"${printable(text)}"`,
  plain: printable,
  hostKeys: true,
};

function printable(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}]/gu, ' ');
}

export function sentence(event: AuditEvent, { person, channel, code, plain, hostKeys }: Style): string {
  const because = (reason: string): string => (reason === '' ? '' : `: ${plain(reason)}`);
  const people = (those: Who[]): string => those.map(person).join(', ');
  switch (event.event) {
    case 'configuration': {
      const { process, version, digest, summary } = event;
      return `the ${process} began, version ${plain(version)}, with the configuration ${plain(digest.slice(0, 12))}: ${plain(summary.join('; '))}`;
    }
    case 'asked':
      return `asked by ${person(event.actor)} in ${channel(event.channel)}${because(event.reason)}`;
    case 'decided':
      return `${DECIDED[event.outcome]} (${plain(event.rule)})${because(event.outcome === 'break-glass' ? event.reason : '')}`;
    case 'previewed': {
      const changed = event.changed.length > 0 ? ` Changed since: ${plain(event.changed.join(' '))}` : '';
      return `shown to the approvers${event.round > 1 ? `, asked anew (round ${event.round})` : ''}: ${plain(event.says.join(' ')) || 'what was asked.'}${changed}`.replace(
        /\.$/,
        '',
      );
    }
    case 'approved':
    case 'denied':
    case 'withdrawn':
      return `${event.event} by ${event.by ? person(event.by) : 'nobody'}${because(event.reason)}`;
    case 'expired':
      return 'expired: nobody approved it in time';
    case 'started': {
      const again = event.attempt % 10_000 > 1 ? ' once more, after a worker had gone' : '';
      const approved = event.approvedBy.length > 0 ? `, approved by ${people(event.approvedBy)}` : '';
      return `begun${again}${approved}`;
    }
    case 'changing':
      return `${plain(event.step)}: ${code(event.what)} begins`;
    case 'changed':
      return `${plain(event.step)}: ${code(event.what)} ${event.outcome === 'done' ? 'is done' : `failed: ${plain(event.error)}`}`;
    case 'cancelled':
      return `cancelled by ${person(event.by)}`;
    case 'ended': {
      const keys = Object.entries(event.hostKeys).map(([host, key]) => `${plain(host)} ${code(key)}`);
      const spoken = hostKeys && keys.length > 0 ? `. Spoken with: ${keys.join(', ')}` : '';
      return `ended: ${plain(event.phase)}${event.message ? `. ${plain(event.message).replace(/\.$/, '')}` : ''}${spoken}`;
    }
    case 'forged':
      return `what no bot or worker has signed so was refused: ${plain(event.why)}`;
    case 'lost':
      return `records are gone: Redis ended with record ${event.found.seq} when record ${event.known.seq} had been there before`;
    case 'trimmed':
      return `records up to ${event.upTo.seq} were trimmed by ${plain(event.by)}`;
  }
}

const DECIDED = {
  allow: 'allowed',
  ask: 'needs an approval',
  deny: 'refused',
  'break-glass': 'goes on without an approval',
};
