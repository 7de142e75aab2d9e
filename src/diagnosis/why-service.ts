/** Why a service is as it is. Pure: facts in, answer out. */
import { count, span } from '../cards/text.ts';
import type { ServiceFacts } from '../swarm/why-facts.ts';
import { byWeight, own, said, sign, stateOf } from './answer.ts';
import type { Answer, Finding } from './answer.ts';
import type { Facts } from './facts.ts';
import { names, quote, reasonOf } from './tasks.ts';

/** What failed so long ago is history. */
const RECENT_MS = 10 * 60_000;
/** A task that has been on its way for longer is worth a word. */
const SLOW_MS = 30_000;
/** The row that stands for the whole service (src/swarm/shortfall.ts). */
const PAUSED = 'update paused';

const UPDATES: Record<Exclude<ServiceFacts['update']['state'], ''>, string> = {
  updating: 'An update is under way',
  paused: 'Its last update is paused',
  completed: 'Its last update is through',
  rollback_started: 'The swarm is taking its last update back',
  rollback_paused: 'Taking its last update back is paused',
  rollback_completed: 'Its last update was taken back',
};

/** @param now milliseconds since 1970, by the same clock as the facts as far as one knows. */
export function whyService(found: ServiceFacts, now: number): Answer {
  const { service, since, spread, reasons, starting, failed } = found;
  const facts = factsFor(found);
  const short = Math.max(0, service.wanted - service.running);
  const findings = [
    ...failing(found, facts),
    ...paused(found, facts),
    ...onTheWay(found, facts, now),
    ...ending(found),
    ...restarting(found, facts, now),
    ...snappedBack(found, facts),
    ...nothingWanted(found),
  ];
  const kept = byWeight(findings);
  const isShort = short > 0 || isPaused(found);
  return {
    kind: 'service',
    name: service.name,
    state: isShort ? (service.running === 0 ? 'broken' : 'partly') : stateOf(findings),
    is: whatIs(found),
    since: short > 0 ? since : '',
    reasons: kept,
    evidence: [
      ...[...reasons, ...(short > 0 ? starting : []), ...(reasons.length === 0 ? recent(found, now) : [])]
        .slice(0, 4)
        .filter(({ state }) => state !== PAUSED)
        .map((one) => `${quote(one)}.`.replace(/[.:]*\.$/, '.')),
      ...(spread.length > 0
        ? [`It runs on ${names(spread.map(({ node, running }) => `${node} (${running})`))}.`]
        : []),
      ...(found.update.state === '' ? [] : [`${UPDATES[found.update.state]}.`]),
      ...(kept.length === 0 && failed.length === 0 && short === 0
        ? ['No task of it has failed lately.']
        : []),
    ],
  };
}

function whatIs({ service: { name, wanted, running, mode, job } }: ServiceFacts): string {
  if (job) return `${name} is a job: ${job.completed} of ${count(job.total, 'task')} are done.`;
  if (mode.endsWith('-job')) return `${name} is a job: ${count(running, 'task runs', 'tasks run')}.`;
  if (wanted === 0)
    return mode === 'global'
      ? `${name} runs nowhere: no node may run it.`
      : `${name} is set to no tasks at all.`;
  if (running >= wanted)
    return wanted === 1 ? `${name} is well: its task runs.` : `${name} is well: all its ${wanted} tasks run.`;
  if (running === 0)
    return wanted === 1
      ? `${name} is down: its task does not run.`
      : `${name} is down: none of its ${wanted} tasks runs.`;
  return `${name} is under strength: ${running} of its ${wanted} tasks run.`;
}

function factsFor({ service, constraints, nearest, fits, nodes }: ServiceFacts): Facts & { service: string } {
  return {
    service: service.name,
    wanted: service.wanted,
    image: service.image,
    constraints,
    ...(nearest ? { nearest } : {}),
    // More than is wanted is no way out; less than runs is none either.
    ...(fits !== null && fits < service.wanted && fits > 0 ? { fits } : {}),
    closed: nodes.closed,
    closedFor: nodes.closedFor,
  };
}

const isPaused = ({ update: { state } }: ServiceFacts) => state === 'paused' || state === 'rollback_paused';

/** Places that run nothing and say why, those of most tasks first. */
function failing({ reasons, service, nodes }: ServiceFacts, facts: Facts & { service: string }): Finding[] {
  // What was tried in vain before all of them ran stands under `restarting`.
  if (service.running >= service.wanted) return [];
  return reasons
    .filter(({ state }) => state !== PAUSED)
    .map((reason, at): Finding => {
      const { error, nodes: on } = reason;
      const weight = (service.running === 0 ? 100 : 95) - at;
      const known = reasonOf(error, { ...facts, nodes: on.length > 0 ? on : [] });
      if (known) return { weight, ...known };
      const where = on.length > 0 ? ` on ${names(on)}` : '';
      return own(
        weight,
        {
          cause: `Tasks of ${service.name} end as ${reason.state}${where}, with the words: ${error.replace(/[.]$/, '')}.`,
          explanation: `The swarm tries them again; ${count(nodes.ready, 'node is', 'nodes are')} ready.`,
          advice: 'Read its tasks and its logs.',
        },
        [
          { label: 'Show its tasks', line: `ps ${service.name} --all` },
          { label: 'Show its logs', line: `logs ${service.name}` },
        ],
      );
    });
}

function paused(found: ServiceFacts, facts: Facts): Finding[] {
  return isPaused(found) || found.update.state === 'rollback_completed'
    ? said(
        found.update.state === 'rollback_completed' ? 40 : 90,
        found.update.message || `update ${found.update.state}`,
        facts,
      )
    : [];
}

/** Places without a task that says anything: on their way, or not even placed. */
function onTheWay({ starting, service, since }: ServiceFacts, facts: Facts, now: number): Finding[] {
  if (service.running >= service.wanted) return [];
  const lasts = since === '' ? 0 : now - Date.parse(since);
  return starting.flatMap(({ state, nodes: on, tasks }) => {
    const where = on.length > 0 ? ` on ${names(on)}` : '';
    if (state === 'new' && lasts > SLOW_MS) return said(85, 'could not find an available IP', facts);
    if (state === 'preparing' && lasts > SLOW_MS) {
      return own(80, {
        cause: `${count(tasks, 'task is', 'tasks are')} still being prepared${where}: mostly the image is being pulled.`,
        explanation:
          'A large image or a slow registry takes minutes; a registry that does not answer takes half a minute and more each time.',
        advice: 'Wait a little, then ask again; if it stays so, look whether the registry answers.',
      });
    }
    return own(60, {
      cause: `${count(tasks, 'task is', 'tasks are')} being started${where} (${state}).`,
      explanation: 'Nothing has gone wrong with them so far.',
      advice: 'Ask again in a moment.',
    });
  });
}

/** Programs that end well although they are to run for ever. */
function ending({ ended, service }: ServiceFacts): Finding[] {
  if (ended === 0 || service.mode.endsWith('-job') || service.running >= service.wanted) return [];
  return [
    own(
      88,
      {
        cause: `The program of ${service.name} ends by itself, without an error.`,
        explanation:
          'A service is for programs that go on running; one that ends counts as down, and its restart condition says whether it is started again.',
        advice: 'Let the program run in the foreground, or make the service a job.',
      },
      [{ label: 'Show its logs', line: `logs ${service.name}` }],
    ),
  ];
}

const recent = ({ failed, failedAt }: ServiceFacts, now: number) =>
  failedAt !== '' && now - Date.parse(failedAt) < RECENT_MS ? failed : [];

/** At full strength, but only because failed tasks are replaced. */
function restarting(found: ServiceFacts, facts: Facts & { service: string }, now: number): Finding[] {
  const { service, failedAt } = found;
  if (service.running < service.wanted) return [];
  return recent(found, now).flatMap(({ error, nodes: on, tasks }) => {
    const known = reasonOf(error, { ...facts, nodes: on });
    const ago = span(Math.max(1000, now - Date.parse(failedAt)));
    return own(
      55,
      {
        cause: `It runs now, but ${count(tasks, 'task')} of it failed on ${names(on)}, the last ${ago} ago. ${known?.cause ?? `Its words: ${error}.`}`,
        explanation: known?.explanation ?? 'The swarm has started others in their place.',
        advice: known?.advice ?? 'Read its logs if it goes on.',
      },
      known?.remedies ?? [{ label: 'Show its logs', line: `logs ${service.name}` }],
    );
  });
}

function snappedBack({ fromChat, service, stack }: ServiceFacts, facts: Facts): Finding[] {
  if (fromChat === null) return [];
  return sign(40, { ...facts, closed: [], snappedBack: { from: fromChat, to: service.wanted, stack } });
}

function nothingWanted({ service, nodes, constraints }: ServiceFacts): Finding[] {
  if (service.wanted > 0 || service.mode.endsWith('-job')) return [];
  if (service.mode === 'global') {
    return [
      own(95, {
        cause: `${service.name} runs once on every node that it may use, and there is none.`,
        explanation: `${constraints.length > 0 ? `Its constraints are ${names(constraints)}; ` : ''}${count(nodes.ready, 'node is', 'nodes are')} ready, ${nodes.closed.length} of them drained or paused.`,
        advice: 'Add the label that it asks for to a node, or change its constraints.',
      }),
    ];
  }
  return [
    own(
      30,
      {
        cause: 'Somebody has scaled it to 0.',
        explanation: 'So nothing of it is meant to run.',
        advice: 'Scale it up when it is wanted again.',
      },
      [{ label: 'Scale to 1', line: `scale ${service.name} 1` }],
    ),
  ];
}
