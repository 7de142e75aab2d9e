/** Where the tasks of nodes that are emptied find a place, as far as it can be foreseen. */
import { UserError } from '../errors.ts';
import type { ServiceBasis } from '../swarm/bases.ts';
import type { Forecast } from '../swarm/forecast.ts';
import type { PreviewContext } from './define.ts';
import type { Load } from './drain-move.ts';
import { count, joined, some } from './preview-text.ts';
import { shortOfRoom } from './scale-forecast.ts';

/** What a node holds on which nothing runs. */
export const NOTHING: Load = { services: [], others: 0 };

/** Services of which the mounts are looked at. */
const MOST_SERVICES = 40;

/** @param ids of the nodes, all of which are emptied before their tasks are to have a place. */
export async function movingOf(
  loads: readonly Load[],
  ids: readonly string[],
  { swarm, signal }: Pick<PreviewContext, 'swarm' | 'signal'>,
): Promise<{ says: string[]; warnings: string[]; /** Not all of them find a place. */ short: boolean }> {
  const services = [
    ...Map.groupBy(
      loads.flatMap((load) => load.services),
      ({ id }) => id,
    ).values(),
  ].map((held) => ({
    id: held[0]?.id ?? '',
    name: held[0]?.name ?? '',
    wanted: held[0]?.wanted ?? 0,
    here: held.reduce((sum, { here }) => sum + here, 0),
  }));
  const others = loads.reduce((sum, load) => sum + load.others, 0);
  // One that is removed at this moment has nothing to move any more.
  const unlessGone = <T>(thrown: unknown): T[] => {
    signal.throwIfAborted();
    if (thrown instanceof UserError || thrown instanceof RangeError) return [];
    throw thrown;
  };
  const wishes = services.map(({ id, wanted }) => ({ service: id, replicas: wanted }));
  const all =
    wishes.length === 0
      ? []
      : await swarm.forecast(wishes, signal, { without: ids }).catch(unlessGone<Forecast>);
  const short = all.filter(({ most, wanted }) => most !== null && most < wanted);
  const looked = services.slice(0, MOST_SERVICES).map(({ id }) => id);
  const bases = await swarm.serviceBases(looked, signal).catch(unlessGone<ServiceBasis>);
  const kept = bases.flatMap(({ name, fields }) => {
    const own = Object.entries(fields).flatMap(([field, value]) =>
      field.startsWith('mount ') && /^(?:volume|bind)/.test(value)
        ? [value.replace(/ \(read-only\)$/, '')]
        : [],
    );
    return own.length === 0 ? [] : [`${name} (${some(own)})`];
  });
  const fits = all.length > 0 && short.length === 0;
  const tasks = services.reduce((sum, { here }) => sum + here, 0);
  return {
    short: short.length > 0,
    says: [
      ...(services.length === 0
        ? []
        : [
            `${joined(services.map(({ name, here }) => `${count(here, 'task')} of ${name}`))} ${tasks === 1 ? 'moves to another node' : 'move to other nodes'}${fits ? ', where there is room by what is known' : ''}.`,
          ]),
      ...(others > 0
        ? [
            `${count(others, 'task')} of global services or jobs ${others === 1 ? 'ends' : 'end'} there, and no other node takes ${others === 1 ? 'it' : 'them'} over.`,
          ]
        : []),
    ],
    warnings: [
      ...short.map(shortOfRoom),
      ...(kept.length > 0
        ? [`What tasks have stored in volumes or folders of the node does not move with them: ${some(kept)}.`]
        : []),
    ],
  };
}
