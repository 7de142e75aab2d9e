/** Why no manager can be asked, and what is left of the swarm. Pure: facts in, answer out. */
import { count } from '../cards/text.ts';
import { byWeight, own, said } from './answer.ts';
import type { Answer, Finding } from './answer.ts';
import { names } from './tasks.ts';
import type { HostAnswer } from './why-node-facts.ts';

export interface ManagersFacts {
  /** What went wrong when the managers were asked, with all causes. */
  words: string;
  /** The hosts that swarm.yaml names as managers, and others that managers name as such. */
  managers: { name: string; address: string; said: HostAnswer }[];
  /** Managers that the swarm counts, as far as one of them could say; 0: none could. */
  counted: number;
}

export function whyManagers({ words, managers, counted }: ManagersFacts): Answer {
  const isGone = ({ said: answer }: ManagersFacts['managers'][number]) => answer.kind === 'failed';
  const gone = managers.filter(isGone);
  const left = managers.filter(
    ({ said: answer }) => answer.kind === 'info' && answer.info.swarm.state === 'inactive',
  );
  const locked = managers.filter(
    ({ said: answer }) => answer.kind === 'info' && answer.info.swarm.state === 'locked',
  );
  const alive = managers.filter(
    ({ said: answer }) => answer.kind === 'info' && answer.info.swarm.state === 'active',
  );
  const total = Math.max(counted, managers.length);
  const lost = gone.map(({ name }) => name);
  const findings: Finding[] = [
    ...locked.flatMap(({ name }) => said(99, 'Swarm is encrypted and needs to be unlocked', { host: name })),
    // Where each locked manager is named, the echo that the swarm is locked says nothing more.
    ...said(100 - Number(locked.length > 0) * 5, words, {
      managers: total,
      lostManagers: lost,
      leftManagers: left.map(({ name }) => name),
    }).filter(({ row }) => row !== 20 || locked.length === 0),
    ...gone.map(({ name, said: answer }, at) =>
      own(
        80 - at,
        {
          cause: `${name}: ${answer.kind === 'failed' ? answer.message : ''}`,
          explanation: total === 1 ? 'It is the only manager.' : `It is one of ${count(total, 'manager')}.`,
          advice: 'Bring it back.',
        },
        [{ label: `Why ${name}?`, line: `why ${name}` }],
      ),
    ),
  ];
  const containers = alive.reduce(
    (sum, { said: answer }) => sum + (answer.kind === 'info' ? answer.info.containers.running : 0),
    0,
  );
  return {
    kind: 'swarm',
    name: 'the swarm',
    state: 'broken',
    is: 'The swarm cannot be asked or changed: no manager speaks for it.',
    since: '',
    reasons: byWeight(findings),
    evidence: [
      ...(total > 1
        ? [
            `A majority of ${count(total, 'manager')} is ${Math.floor(total / 2) + 1}; ${alive.length === 0 ? 'none answers' : `${names(alive.map(({ name }) => name))} ${alive.length === 1 ? 'answers' : 'answer'}`}.`,
          ]
        : []),
      ...(alive.length > 0 ? [`What runs goes on running: ${count(containers, 'container')} there.`] : []),
    ],
  };
}
