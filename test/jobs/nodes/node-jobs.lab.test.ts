import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { canRunLab, startLab, type Lab } from '../../../lab/lab.ts';
import { until } from '../../../lab/until.ts';
import type { Engine } from '../../../src/hosts/engine.ts';
import { openHosts, type OpenHosts } from '../../../src/hosts/inventory.ts';
import { drain } from '../../../src/jobs/drain.ts';
import { label } from '../../../src/jobs/label.ts';
import { leave } from '../../../src/jobs/leave.ts';
import { nodeRm } from '../../../src/jobs/node-rm.ts';
import type { Ask } from '../../../src/swarm/ask.ts';
import { nodeChanges } from '../../../src/swarm/node-changes.ts';
import { openSwarm } from '../../../src/swarm/open-swarm.ts';
import type { Swarm } from '../../../src/swarm/swarm.ts';
import { localSwarm, nodesOf, replicasOf, runningByNode, type NodeJson } from '../../e2e/engines.ts';
import { settingsOf } from '../../hosts/lab-settings.ts';
import { runCancelled, runDying } from './dying-run.ts';

const able = canRunLab();

describe.skipIf(!able.ok)(
  `jobs on nodes whose worker dies ${able.ok ? '' : able.why}`,
  { timeout: 120_000 },
  () => {
    let lab: Lab;
    let hosts: OpenHosts;
    let swarm: Swarm;

    beforeAll(async () => {
      lab = await startLab({ hosts: ['manager', 'fedora-01', 'fedora-02'], swarm: ['manager', 'fedora-01'] });
      await lab.join('fedora-02', 'manager', 'manager');
      hosts = openHosts(settingsOf(lab), { connectMs: 3_000, keepaliveMs: 500, keepaliveMisses: 2 });
      swarm = openSwarm({ managers: ['manager'], hosts });
      await lab.engine('manager').createService({
        Name: 'websky',
        TaskTemplate: { ContainerSpec: { Image: 'my-apache2:latest', Init: true } },
        Mode: { Replicated: { Replicas: 3 } },
        // Tasks that have run for so long count as staying; the engine's own 5 s only take longer.
        UpdateConfig: { Parallelism: 1, Monitor: 5e8 },
      } as never);
      await runs(3);
    }, 120_000);
    afterAll(async () => {
      await hosts?.close();
      await lab?.down();
    }, 60_000);

    const total = async (): Promise<number> =>
      Object.values(await runningByNode(lab, 'websky')).reduce((sum, count) => sum + count, 0);
    const runs = (number: number) =>
      until(async () => (await total()) === number, { what: `${number} tasks to run`, within: 60_000 });
    /** Three tasks, one of them on fedora-01: a node that was drained for a moment may have been left without any. */
    async function spread(): Promise<void> {
      await runs(3);
      while (!(await runningByNode(lab, 'websky'))['fedora-01']) {
        await swarm.scale('websky', 0);
        await runs(0);
        await swarm.scale('websky', 3);
        await runs(3);
      }
    }
    async function nodeOf(name: string): Promise<NodeJson> {
      const found = (await nodesOf(lab)).find(({ Description }) => Description.Hostname === name);
      if (!found) throw new Error(`no node ${name}`);
      return found;
    }
    const set = (name: string, availability: 'active' | 'drain') =>
      nodeOf(name).then(({ ID }) => swarm.setAvailability(ID, availability));
    const keepingCapacity = { nodes: ['fedora-01'], timeoutMs: 60_000, keepCapacity: true };

    test('a cancelled drain puts back what it had raised and paused', async () => {
      const kept = await runCancelled(drain, keepingCapacity, { swarm, hosts }, /raise websky/);
      expect(kept).toEqual({
        nodes: [],
        undone: ['websky is back at 3', 'fedora-01 is active again'],
        stay: [],
      });
      expect(await replicasOf(lab, 'websky')).toBe(3);
      expect((await nodeOf('fedora-01')).Spec.Availability).toBe('active');
      await spread();
    });

    test('a cancelled drain of several says which stays drained', async () => {
      const several = { ...keepingCapacity, nodes: ['fedora-01', 'fedora-02'], keepCapacity: false };
      const kept = await runCancelled(drain, several, { swarm, hosts }, /drain fedora-01/);
      expect(kept).toEqual({ nodes: [], undone: ['fedora-02 is active again'], stay: ['fedora-01'] });
      await set('fedora-01', 'active');
      await spread();
    });

    test('a number that somebody else has set meanwhile stays', async () => {
      const contested: Swarm = {
        ...swarm,
        resize: async (service, change, signal) => {
          const done = await swarm.resize(service, change, signal);
          if (done.kind === 'set' && change.from === 3) await swarm.scale(service, 2);
          return done;
        },
      };
      const kept = await runCancelled(drain, keepingCapacity, { swarm: contested, hosts }, /raise websky/);
      expect(kept).toMatchObject({
        undone: ['websky stays at 2, which somebody else has set meanwhile', 'fedora-01 is active again'],
      });
      expect(await replicasOf(lab, 'websky')).toBe(2);
      await swarm.scale('websky', 3);
      await spread();
    });

    test('drain --keep-capacity ends as asked, dying at each of its boundaries', async () => {
      const { result, died } = await runDying(drain, keepingCapacity, { swarm, hosts });
      expect(died).toEqual([
        'before Look at its tasks',
        'after Look at its tasks',
        'before Start as many elsewhere first',
        'after the change "pause fedora-01"',
        expect.stringMatching(/^after the change "raise websky from 3 to \d"$/),
        'after Start as many elsewhere first',
        'before Drain',
        'after the change "drain fedora-01"',
        'after Drain',
        'before Wait for its tasks to move',
        'after Wait for its tasks to move',
        'before Put the numbers back',
        'after the change "put websky back to 3"',
        'after Put the numbers back',
      ]);
      expect(result).toMatchObject({
        undone: [],
        nodes: [
          {
            ok: true,
            value: {
              already: false,
              left: [],
              services: [{ name: 'websky', running: 3, wanted: 3, short: null }],
              raised: [{ name: 'websky', kind: 'back', replicas: 3 }],
            },
          },
        ],
      });
      expect(await replicasOf(lab, 'websky')).toBe(3);
      expect((await nodeOf('fedora-01')).Spec.Availability).toBe('drain');
      expect((await runningByNode(lab, 'websky'))['fedora-01']).toBeUndefined();
      await set('fedora-01', 'active');
    });

    test('labels are told as they were before the change', async () => {
      const { result } = await runDying(
        label,
        { node: 'fedora-01', labels: { zone: 'a', rack: null } },
        { swarm, hosts },
      );
      expect(result).toEqual({
        node: 'fedora-01',
        changes: [
          { key: 'zone', from: null, to: 'a', meanwhile: null },
          { key: 'rack', from: null, to: null, meanwhile: null },
        ],
        labels: { zone: 'a' },
      });
    });

    test('an update out of sequence is made again, and says what somebody else had set', async () => {
      const { ID } = await nodeOf('fedora-01');
      /** Somebody else is faster once, on the real engine. */
      const overtaken = (spec: object): Ask => {
        let done = false;
        return async (_what, _signal, question) => {
          const real = lab.engine('manager') as unknown as Engine;
          const engine = {
            getNode: (id: string) => ({
              ...real.getNode(id),
              inspect: (options: never) => real.getNode(id).inspect(options),
              update: async (options: Parameters<ReturnType<Engine['getNode']>['update']>[0]) => {
                if (!done) {
                  done = true;
                  const now = await nodeOf('fedora-01');
                  await lab
                    .engine('manager')
                    .getNode(id)
                    .update({ version: now.Version.Index, ...now.Spec, ...spec });
                }
                return await real.getNode(id).update(options);
              },
            }),
          } as unknown as Engine;
          return await question(engine, AbortSignal.timeout(20_000));
        };
      };
      const change = nodeChanges(overtaken({ Availability: 'pause' }), []);
      expect(await change.setAvailability(ID, 'drain')).toEqual({
        from: 'active',
        to: 'drain',
        meanwhile: { value: 'pause' },
      });
      // Another field: nothing to tell, and it stays.
      const other = nodeChanges(overtaken({ Labels: { zone: 'b' } }), []);
      expect(await other.setAvailability(ID, 'active')).toEqual({
        from: 'drain',
        to: 'active',
        meanwhile: null,
      });
      const { Spec } = await nodeOf('fedora-01');
      expect(Spec).toMatchObject({ Availability: 'active', Labels: { zone: 'b' } });
      const labels = nodeChanges(overtaken({ Labels: { zone: 'c' } }), []);
      expect(await labels.setLabels(ID, { zone: null })).toEqual({
        zone: { from: 'b', to: null, meanwhile: { value: 'c' } },
      });
    });

    test('leave of a manager and node rm end as asked, dying at each of its boundaries', async () => {
      const { ID } = await nodeOf('fedora-02');
      const gone = (await nodeOf('fedora-01')).ID;
      await lab.exec('fedora-01', ['docker', 'swarm', 'leave']);
      const [{ result, died }, removal] = await Promise.all([
        runDying(leave, { hosts: ['fedora-02'], force: false, timeoutMs: 60_000 }, { swarm, hosts }),
        // Waits until the managers have noticed.
        runDying(nodeRm, { nodes: ['fedora-01'] }, { swarm, hosts }),
      ]);
      expect(removal.result).toMatchObject({ nodes: [{ ok: true, value: { removed: [gone], stay: [] } }] });
      expect(removal.died).toContain(`after the change "remove the entry ${gone} of fedora-01"`);
      expect(died.filter((where) => where.startsWith('after the change'))).toEqual([
        'after the change "demote fedora-02"',
        'after the change "drain fedora-02"',
        'after the change "take fedora-02 out of its swarm"',
        `after the change "remove the entry ${ID} of fedora-02"`,
      ]);
      expect(died).toHaveLength(18);
      expect(result).toMatchObject({
        managers: '2 managers, may lose none → 1 manager, may lose none',
        hosts: [{ ok: true, value: { was: 'member', wasManager: true, removed: [ID] } }],
      });
      expect((await nodesOf(lab)).map(({ Description }) => Description.Hostname)).toEqual(['manager']);
      expect((await localSwarm(lab, 'fedora-02')).LocalNodeState).toBe('inactive');
      await runs(3);
    });
  },
);
