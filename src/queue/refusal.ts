/** Why a worker does not do what it finds in Redis: what the log says of it, and what people read. Pure. */
import { ALTERED } from './signed-state.ts';

export interface Refusal {
  /** For the log and the audit: what to suspect. */
  why: string;
  message: string;
  hint: string;
}

const TELL =
  'Tell whoever runs the bot: somebody else writes to its Redis, or QUEUE_SECRET is not the same everywhere.';

export const STATE_ALTERED: Refusal = {
  why: 'the state of the request is not as a bot or a worker has written it',
  ...ALTERED,
};

export const NOT_SIGNED: Refusal = {
  why: 'its envelope is not signed with our QUEUE_SECRET, or was altered after that',
  message: 'A worker refused it: what Redis holds of it is not what the bot has signed. Nothing was done.',
  hint: TELL,
};

export const OF_ANOTHER: Refusal = {
  why: 'it carries the signed envelope of another request, or shows something else than is signed',
  message: 'A worker refused it: what is signed is not what its card shows. Nothing was done.',
  hint: TELL,
};

export const AGAIN: Refusal = {
  why: 'the request, or this turn of it, is over already, and somebody has set it back: a replay, or a Redis that was restored from an older copy',
  message:
    'A worker refused it: it has ended before, and was put back as if it had not. It was not done again.',
  hint: `If Redis was restored from an older copy, that is why. If not: ${TELL.charAt(0).toLowerCase()}${TELL.slice(1)}`,
};

export const ONLY_ASKED: Refusal = {
  why: 'it was only asked for, and somebody has put it forward as approved',
  message: 'A worker refused it: it was put forward as approved, and is not. Nothing was done.',
  hint: TELL,
};

export const OTHER_PREVIEW: Refusal = {
  why: 'what was approved is not what a worker has shown of this very job',
  message: 'A worker refused it: what was approved is not what a worker had shown of it. Nothing was done.',
  hint: TELL,
};

export function noApproval(command: string): Refusal {
  return {
    why: 'it needs an approval and carries none: swarm.yaml of bot and worker differ, or somebody else has QUEUE_SECRET',
    message: `A worker refused it: "${command}" needs an approval, and nobody was asked for one. Nothing was done.`,
    hint: 'Tell whoever runs the bot: its swarm.yaml is not the same for bot and worker.',
  };
}

export function noBreakGlass(command: string): Refusal {
  return {
    why: 'it is to go on without an approval, and nobody may here: swarm.yaml of bot and worker differ, or somebody else has QUEUE_SECRET',
    message: `A worker refused it: "${command}" needs an approval, and its swarm.yaml lets nobody go on without one. Nothing was done.`,
    hint: 'Ask for it without --now, and tell whoever runs the bot: its swarm.yaml is not the same for bot and worker.',
  };
}

export function tooFew(given: number, wanted: number): Refusal {
  const people =
    given === 1 ? 'One person has' : `${given === 0 ? 'Nobody' : given} ${given === 0 ? 'has' : 'have'}`;
  return {
    why: `${given} people have approved it of ${wanted}: approvals were put together from elsewhere, or swarm.yaml of bot and worker differ`,
    message: `A worker refused it: it takes the approval of ${wanted}. ${people} approved it in a way that counts. Nothing was done.`,
    hint: 'Tell whoever runs the bot: its swarm.yaml is not the same for bot and worker, or somebody else writes to its Redis.',
  };
}

export function otherJob(command: string): Refusal {
  return {
    why: `"${command}" is carried out by another job here: bot and worker are of different versions, or somebody else has QUEUE_SECRET`,
    message: `A worker refused it: it knows "${command}" as something else than the bot does. Nothing was done.`,
    hint: 'Tell whoever runs the bot: bot and worker must be of the same version.',
  };
}
