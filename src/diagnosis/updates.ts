/** Changes of services, and what becomes of them. Last among what concerns services: why a task fails says more. */
import { says, shows } from './row.ts';
import type { Row } from './row.ts';
import { retry, rollback, scaleTo, tasks } from './ways-out.ts';

export const updates: Row[] = [
  {
    row: 42,
    seen: says(/scale can only be used with replicated/i, /is a global(-job)? service/i, /cannot be scaled/i),
    tell: ({ service }) => ({
      cause: `${service} is not a replicated service, so there is no number of replicas to set.`,
      explanation: 'A global service runs one task on every node that it may use, and a job runs to its end.',
      advice: 'Add or drain nodes, or change its constraints, to change where it runs.',
    }),
  },
  {
    row: 41,
    seen: says(/update out of sequence/i, /was changed by somebody else/i),
    tell: ({ service }) => ({
      cause: `Somebody or something else changed ${service} in the moment between reading and writing it.`,
      explanation:
        'A swarm takes a change only of what was read last. It is read again and the same change tried again a few times before it is given up.',
      advice: 'See what keeps changing it, such as a deploy that runs now, then try again.',
      remedies: [retry],
    }),
  },
  {
    row: 43,
    seen: shows(({ snappedBack }) => snappedBack !== undefined),
    tell: ({ service, facts: { snappedBack } }) => ({
      cause: `A deploy of ${snappedBack?.stack ? `the stack ${snappedBack.stack}` : 'its stack'} set ${service} from ${snappedBack?.from} replicas back to ${snappedBack?.to}.`,
      explanation: 'A deploy sets what the compose file says, whatever was set from chat.',
      advice: `Scale it to ${snappedBack?.from} again, and put that number into the compose file.`,
      remedies: [scaleTo(snappedBack?.from)],
    }),
  },
  {
    row: 44,
    seen: says(
      /(update|rollback) (was )?paused/i,
      /update rolled back due to failure/i,
      /rollback_paused/i,
      /0 out of \d+( tasks?)?/i,
    ),
    tell: ({ text, service }) => {
      if (/rolled back/i.test(text)) {
        return {
          cause: `New tasks of ${service} failed, so the engine took the update back.`,
          explanation: 'The service is as it was before the update.',
          advice: 'Look at what its tasks say, mend it, then update again.',
          remedies: [tasks],
        };
      }
      if (/rollback[_ ](was )?paused/i.test(text)) {
        return {
          cause: `The tasks to which ${service} goes back do not run either, so the engine has stopped the rollback half-way.`,
          explanation: 'Some tasks may be new and some old. What failed stands with its tasks.',
          advice: 'Look at what its tasks say, mend that, then update again.',
          remedies: [tasks],
        };
      }
      return {
        cause: /0 out of/i.test(text)
          ? `No task of ${service} comes to run, and the swarm goes on trying for ever.`
          : `New tasks of ${service} do not run, so the engine has stopped the update half-way, and goes no further by itself.`,
        explanation: 'Some tasks may be new and some old. What failed stands with its tasks.',
        advice: 'Look at what its tasks say; then mend it and update again, or roll back.',
        remedies: [rollback, tasks],
      };
    },
  },
];
