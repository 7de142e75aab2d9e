/** Results of the jobs that look at hosts: check, ports, hosts. */
import type { JobResult } from '../../src/jobs/index.ts';
import type { Finding, Verdict } from '../../src/probes/finding.ts';
import type { Shape } from './results.ts';

const repeat = <T>(many: number, one: (at: number) => T): T[] =>
  Array.from({ length: many }, (_, at) => one(at));

function finding({ text }: Shape, verdict: Verdict): Finding {
  return {
    probe: text,
    verdict,
    says: text,
    advice: verdict === 'pass' ? '' : text,
    remedies: verdict === 'pass' ? [] : [{ label: text, line: text, confirm: text }],
  };
}

export function checks(shape: Shape): JobResult<'check'>[] {
  const { text, many } = shape;
  return (['worker', 'manager'] as const).flatMap((role) =>
    [many, 1].flatMap((hosts) => [
      ...(['pass', 'warn', 'fail'] as const).map((verdict) => ({
        role,
        hosts: repeat(hosts, () => ({
          target: text,
          ok: true as const,
          value: {
            verdict,
            findings: repeat(many, () => finding(shape, verdict)),
            state: 'inactive' as const,
            member: many === 1,
          },
        })),
      })),
      {
        role,
        hosts: repeat(hosts, () => ({
          target: text,
          ok: false as const,
          message: text || 'It failed.',
          hint: text,
          remedies: [],
        })),
      },
    ]),
  );
}

export function openings(shape: Shape): JobResult<'ports'>[] {
  const { text, many } = shape;
  const ports: JobResult<'ports'>[] = [true, false].flatMap((applied) =>
    [true, false].flatMap((blocked) =>
      [many, 0].map((rules) => ({
        host: text,
        for: blocked ? text : null,
        applied,
        peers: repeat(many, () => text),
        before: repeat(many, () => finding(shape, blocked ? 'fail' : 'pass')),
        after: applied ? repeat(many, () => finding(shape, blocked ? 'fail' : 'warn')) : null,
        blocked: { before: blocked, after: blocked },
        ruler: 'iptables' as const,
        how: text,
        stoppedBy: repeat(many, () => text),
        commands: repeat(rules, (at) => ({
          shows: text,
          lasts: at % 2 === 0 ? ('now' as const) : ('boot' as const),
        })),
        why: text,
        lasting: text,
        outlastsBoot: applied,
      })),
    ),
  );
  return ports;
}

export function inventories(shape: Shape): JobResult<'hosts'>[] {
  const { text, many } = shape;
  const standings: JobResult<'hosts'>['hosts'][number]['standing'][] = [
    { kind: 'in', node: text, nodeState: 'ready', role: 'manager' },
    { kind: 'in', node: text, nodeState: 'down', role: 'worker' },
    { kind: 'member', role: 'manager', error: text },
    { kind: 'member', role: 'worker', error: '' },
    { kind: 'out', state: 'inactive', error: '' },
    { kind: 'out', state: 'error', error: text },
    { kind: 'elsewhere' },
    { kind: 'unreachable', why: text },
  ];
  return [[], [text], [`${text}?`], []].map((words, which) => ({
    words,
    managers: which === 3 ? { message: text, hint: text } : null,
    hosts: repeat(many, (at) => ({
      host: text,
      address: text,
      labels: { [text]: text },
      version: text,
      standing: standings[at % standings.length] ?? { kind: 'elsewhere' },
    })),
  }));
}
