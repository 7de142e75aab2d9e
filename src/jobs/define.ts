/** A job: what a worker carries out. Steps observe, act only where needed, and wait until they see the effect. */
import type { z } from 'zod';
import type { Hosts } from '../hosts/hosts.ts';
import type { Swarm } from '../swarm/swarm.ts';

/** What `run` gets. A job destructures what it uses. */
export interface JobContext {
  swarm: Swarm;
  hosts: Hosts;
  /** Fires when somebody cancels the job, or when this worker no longer owns it. */
  signal: AbortSignal;
  /**
   * Carries out one of the steps that the job named up front; the card shows its state. A step may be entered again
   * after a crash: it looks first.
   */
  step: <R>(title: string, work: (step: Step) => Promise<R>) => Promise<R>;
  /**
   * A fact that must not change when the job is run again after a crash, such as the number before the change: found
   * once, kept with the job, given back from then on.
   */
  recall: <R>(key: string, find: () => Promise<R>) => Promise<R>;
  /** What there is so far, in the shape of the result: the card shows it should the job be cancelled. Latest wins. */
  keep: (soFar: unknown) => void;
  /**
   * Puts something back once the job was stopped and no step may act any more. In the audit as what steps change is;
   * it is done also where that cannot be kept.
   */
  undo: Step['act'];
  /** What else runs or waits at this moment, newest first. */
  openJobs: () => Promise<OpenJob[]>;
  limits: {
    joinsAtOnce: number;
    /** The most replicas that may be asked for in one service. */
    replicas?: number;
    /** Beginnings of the addresses that compose files may come from. */
    stackSources?: readonly string[];
  };
}

/** A request that has not ended. */
interface OpenJob {
  id: string;
  title: string;
  phase: 'accepted' | 'queued' | 'asking' | 'approved' | 'waiting' | 'running';
  /** Slack's ID of the person who asked. */
  requester: string;
}

export interface Step {
  /** Shows a short line under the step: what it is doing or what it found. Replaces the line before. */
  say: (line: string) => void;
  /**
   * Changes something. From the first of these on, a failure is shown in the channel instead of only to the person who
   * asked. `what` is for the log and the audit: "join fedora-03".
   */
  act: <R>(what: string, change: () => Promise<R>) => Promise<R>;
  /** Shows lines of text below the steps while the job runs, as they come: the latest replaces what stood there. */
  show: (text: string) => void;
  /** Marks the step as failed although the job goes on, such as one host of several. */
  fail: (line: string) => void;
}

/** What people who are to approve a job are shown of it. Plain text, no secrets. */
export interface Preview {
  /** Sentences: what will be done, to what, and what was found. */
  says: string[];
  /** Sentences: what speaks against it. */
  warnings: string[];
  /**
   * What it rests on. When one of them is another when the job is to begin, it is asked anew. So nothing belongs here
   * that changes by itself, such as a time or the number of running tasks.
   */
  facts: Fact[];
}

/** `{ what: 'the swarm of fedora-03', value: 'none' }`: both are read by people when it has changed. */
export interface Fact {
  what: string;
  value: string;
}

/** What a preview may look at; it changes nothing. */
export type PreviewContext = Pick<JobContext, 'swarm' | 'hosts' | 'signal' | 'limits'>;

export interface JobDefinition<Input, Result> {
  input: z.ZodType<Input>;
  /** Names of what the job needs for itself: a second job that names one of them waits. None: it only reads. */
  lock: (input: Input) => string[];
  steps: (input: Input) => string[];
  /**
   * For approvers; runs again before the approved job begins. Without one, they see only what was asked.
   * @throws UserError when the job would be refused: nobody is asked then.
   */
  preview?: (input: Input, context: PreviewContext) => Promise<Preview>;
  run: (input: Input, context: JobContext) => Promise<Result>;
}

/** Any job, for who only runs what its own schema has parsed. */
export interface AnyJob {
  input: z.ZodType;
  lock: (input: never) => string[];
  steps: (input: never) => string[];
  preview?: (input: never, context: PreviewContext) => Promise<Preview>;
  run: (input: never, context: JobContext) => Promise<unknown>;
}

/**
 * Defines a job. `Input` and `Result` must survive JSON: they travel through Redis.
 */
export function defineJob<Input, Result>(
  definition: JobDefinition<Input, Result>,
): JobDefinition<Input, Result> {
  return definition;
}

export type InputOf<J> = J extends { input: z.ZodType<infer Input> } ? Input : never;
export type ResultOf<J> = J extends { run: (input: never, context: JobContext) => Promise<infer Result> }
  ? Result
  : never;
