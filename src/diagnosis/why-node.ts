/** Why a node, or a host of the inventory, is as it is. Pure: facts in, answer out. */
import { count } from '../cards/text.ts';
import type { NodeDetail } from '../swarm/node-details.ts';
import { byWeight, own, sign, stateOf } from './answer.ts';
import type { Answer, Finding } from './answer.ts';
import type { Facts } from './facts.ts';
import { names, reasonOf } from './tasks.ts';
import { dialled, down, unreachable } from './why-down.ts';
import { hostIs, ofHost } from './why-host.ts';
import type { NodeFacts } from './why-node-facts.ts';

export function whyNode(found: NodeFacts): Answer {
  const { name, entries } = found;
  const [entry] = entries;
  const facts = factsFor(found);
  const findings = entry ? ofNode(found, entry, facts) : ofHost(found, facts);
  const state = stateOf(findings);
  return {
    kind: entry ? 'node' : 'host',
    name,
    state,
    is: entry ? nodeIs(found, entry, state) : hostIs(found),
    since: entry && entry.node.state !== 'ready' ? entry.changedAt : '',
    reasons: byWeight(findings),
    evidence: evidence(found),
  };
}

function factsFor({ name, entries, host, said: answer, managers }: NodeFacts): Facts {
  const [entry] = entries;
  const info = answer?.kind === 'info' ? answer.info : undefined;
  return {
    node: name,
    inventory: host ? [host] : [],
    ...(host ? { host: host.name } : {}),
    ...(entry ? { role: entry.node.role } : {}),
    managers: managers.total,
    ...(info ? { localState: info.swarm.state } : {}),
  };
}

function nodeIs(
  { name }: NodeFacts,
  { node: { state, message, availability, manager } }: NodeDetail,
  judged: Answer['state'],
): string {
  const what = manager?.leader ? 'the leader' : manager ? 'a manager' : 'a worker';
  const open = availability === 'active' ? '' : `, ${availability === 'drain' ? 'drained' : 'paused'}`;
  // A dead engine is called ready until its heartbeats have been missed for some 15 s.
  if (state === 'ready' && judged === 'broken' && manager?.reachability !== 'unreachable')
    return `${name}, ${what}, does not work, though the managers still call it ready${open}.`;
  if (state === 'ready')
    return `${name} is ready${open}: ${what}${manager?.reachability === 'unreachable' ? ' that the other managers do not reach' : ''}.`;
  return `${name}, ${what}, is ${state}${open}${message ? ` (${message})` : ''}.`;
}

function ofNode(found: NodeFacts, { node, tasks }: NodeDetail, facts: Facts): Finding[] {
  const { state, hostname } = node;
  const all: Finding[] = [];
  if (state === 'unknown' && hostname === '') all.push(...sign(95, { ...facts, nodeState: state, hostname }));
  else if (state === 'unknown' || state === 'disconnected') all.push(unheard(state));
  if (state === 'down') all.push(...down(found, node, facts));
  if (state === 'ready') all.push(...ready(found, node, facts));
  if (node.manager?.reachability === 'unreachable' && state !== 'down') {
    all.push(
      own(
        92,
        {
          cause: `The other managers do not reach ${found.name} at ${node.manager.address || 'its address'}.`,
          explanation: `It still counts: of ${count(found.managers.total, 'manager')}, ${found.managers.reachable} can be reached.`,
          advice: 'See that 2377/tcp is open to it and that its engine runs, before another manager fails.',
        },
        facts.host === undefined
          ? []
          : [
              { label: 'Check the host', line: `check ${facts.host}` },
              { label: 'Open the ports', line: `ports ${facts.host}` },
            ],
      ),
    );
  }
  all.push(...failingThere(tasks, facts), ...ghosts(found, facts), ...mixedVersions(found, facts));
  return all;
}

function unheard(state: string): Finding {
  return own(70, {
    cause: `The managers have not heard from it since one of them became the leader, or it is just going away (${state}).`,
    explanation: 'That settles within half a minute: it is then ready or down.',
    advice: 'Ask again in half a minute.',
  });
}

function ready(found: NodeFacts, node: NodeDetail['node'], facts: Facts): Finding[] {
  const { said: answer, name, couldTake, strays, entries } = found;
  const all: Finding[] = [];
  if (answer?.kind === 'failed') {
    if (answer.failed === 'silent' || answer.failed === 'late')
      all.push(...sign(90, { ...facts, nodeState: 'ready', engine: 'silent' }));
    else if (answer.failed === 'socket') all.push(unreachable(found, answer));
    else
      all.push(
        own(50, {
          cause: `The managers say ready, but it cannot be asked over SSH: ${answer.message}`,
          explanation:
            'If it has only just gone, the managers notice within 17 seconds; else only commands that go to the host itself are affected.',
          advice: 'See that SSH from here reaches it.',
        }),
      );
  }
  if (answer?.kind === 'info') {
    const { swarm } = answer.info;
    if (swarm.nodeId === node.id) {
      const address =
        swarm.nodeAddress && node.address ? { advertised: swarm.nodeAddress, address: node.address } : {};
      // The only manager that is ready has registered, whatever its engine said a moment ago.
      if (
        swarm.state === 'pending' ||
        (address.advertised !== undefined && address.advertised !== address.address)
      )
        all.push(...sign(90, { ...facts, ...address, nodeState: 'ready', managers: 0 }));
    }
    if (strays > 0) all.push(...sign(60, { ...facts, localState: 'active', strays }));
  }
  if (node.availability !== 'active') {
    const drained = node.availability === 'drain';
    all.push(
      own(
        30,
        {
          cause: drained
            ? 'Somebody has drained it, so it gets no tasks.'
            : 'Somebody has paused it, so it gets no new tasks.',
          explanation: drained ? 'What ran there was started elsewhere.' : 'What runs there goes on running.',
          advice: 'Activate it when it is to take tasks again.',
        },
        [{ label: 'Activate', line: `activate ${name}` }],
      ),
    );
  } else if (couldTake.length > 0 && running(entries) === 0) {
    const [only] = couldTake;
    all.push(
      ...sign(50, {
        ...facts,
        localState: 'active',
        emptyNode: true,
        ...(couldTake.length === 1 && only !== undefined ? { service: only } : {}),
      }),
    );
  }
  return all;
}

const running = (entries: NodeDetail[]) =>
  entries
    .flatMap(({ tasks }) => tasks)
    .filter(({ state, desiredState }) => state === 'running' && desiredState === 'running').length;

/** Tasks that failed on this node and have no successor there. */
function failingThere(tasks: NodeDetail['tasks'], facts: Facts): Finding[] {
  const errors = new Map(
    tasks.filter(({ error, state }) => error !== '' && state !== 'running').map((task) => [task.error, task]),
  );
  return [...errors.values()].slice(0, 3).flatMap(({ error, service }) => {
    const known = reasonOf(error, { service, node: facts.node ?? '', nodes: [facts.node ?? ''] });
    return known ? [{ weight: 55, ...known }] : [];
  });
}

function ghosts({ entries }: NodeFacts, facts: Facts): Finding[] {
  const [living, ...others] = entries;
  const ids = others
    .filter(({ node }) => node.state === 'down' && node.role === 'worker')
    .map(({ node }) => node.id);
  return living?.node.state === 'ready' && ids.length > 0
    ? sign(45, { node: facts.node ?? '', ghosts: ids })
    : [];
}

function mixedVersions({ versions, entries }: NodeFacts, facts: Facts): Finding[] {
  const own = entries[0]?.node.version ?? '';
  const others = versions.filter((version) => version !== own && version !== '');
  return own === '' || others.length === 0
    ? []
    : sign(40, { node: facts.node ?? '', versions: [own, ...others] });
}

function evidence({ entries, said: answer, toManager, managersAnswer, couldTake }: NodeFacts): string[] {
  const all: string[] = [];
  const [entry] = entries;
  if (entry) {
    const many = running(entries);
    all.push(`The managers say ${entry.node.state}${entry.node.message ? `: ${entry.node.message}` : ''}.`);
    if (entry.node.state === 'ready')
      all.push(many === 0 ? 'It runs no task.' : `It runs ${count(many, 'task')}.`);
    if (many === 0 && couldTake.length > 0) all.push(`It could take tasks of ${names(couldTake)}.`);
  } else if (managersAnswer) all.push('The managers do not list it.');
  if (answer?.kind === 'info') {
    const { version, swarm } = answer.info;
    all.push(
      `Its engine ${version} answers and says ${swarm.state}${swarm.error ? `: ${inPlainWords(swarm.error)}` : ''}.`.replace(
        /\.\.$/,
        '.',
      ),
    );
  }
  if (toManager) {
    all.push(
      toManager.outcome.kind === 'open'
        ? `From there ${toManager.address} can be reached.`
        : `From there ${dialled(toManager)}.`,
    );
  }
  return all;
}

/** Without the codes that a call between engines puts before what it says. */
const inPlainWords = (error: string): string => error.replaceAll(/rpc error: code = \w+ desc = /g, '');
