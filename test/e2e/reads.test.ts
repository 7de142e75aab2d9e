import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { command } from '../../demo/people.ts';
import { until } from '../../lab/until.ts';
import { nodesOf, runningByNode } from './engines.ts';
import { leftOut, startBench, type Bench } from './lab.ts';
import { refused } from './refused.ts';

describe.skipIf(leftOut)(`what the bot can be asked ${leftOut ?? ''}`, { timeout: 60_000 }, () => {
  let bench: Bench;

  beforeAll(async () => {
    const hosts = ['manager', 'fedora-01', 'fedora-02'];
    // Slack's limits on how fast a bot may write are another test's.
    bench = await startBench({ hosts, swarm: hosts, system: { slack: { tierScale: 100 } } });
    const { lab } = bench;
    const Placement = { Constraints: ['node.hostname != fedora-02'] };
    await lab.engine('manager').createService({
      Name: 'websky',
      TaskTemplate: { ContainerSpec: { Image: 'my-apache2:latest' }, Placement },
      Mode: { Replicated: { Replicas: 4 } },
      EndpointSpec: {
        Ports: [{ Protocol: 'tcp', TargetPort: 80, PublishedPort: 8080, PublishMode: 'host' }],
      },
    });
    await lab.engine('manager').createService({
      Name: 'broken',
      TaskTemplate: { ContainerSpec: { Image: 'nobody-has:1' }, Placement },
      Mode: { Replicated: { Replicas: 1 } },
    });
    await lab.engine('manager').createService({
      Name: 'spread',
      TaskTemplate: { ContainerSpec: { Image: 'my-apache2:latest' }, Placement: { MaxReplicas: 1 } },
      Mode: { Replicated: { Replicas: 3 } },
    });
    // One a node: the port is taken for the others.
    const nodesWith = async (service: string): Promise<number> =>
      Object.keys(await runningByNode(lab, service)).length;
    await until(async () => (await nodesWith('websky')) === 2 && (await nodesWith('spread')) === 3, {
      what: 'two tasks of websky and three of spread to run',
      within: 20_000,
    });
    await lab.faults.engineDies('fedora-02');
  });
  afterAll(() => bench?.stop());

  /** What a person reads of a question that is answered well. */
  async function ask(line: string): Promise<string> {
    const { shown, well } = await command(bench.system.slack, 'alice', `/swarm ${line}`, 30_000);
    expect(well, shown).toBe(true);
    return shown;
  }
  /** The rows of the table in it, below its head. */
  const rows = (shown: string): string[][] => {
    const body = lines(shown).slice(lines(shown).findIndex((line) => line.startsWith('───')) + 1);
    return body.filter((line) => !line.startsWith('@')).map((line) => line.split(/\s{2,}/));
  };

  describe('info', () => {
    /** `docker info` as the CLI prints it on that host, line by line. */
    async function byHand(host: string): Promise<string[]> {
      return lines((await bench.lab.exec(host, ['docker', 'info'])).stdout);
    }

    it('shows of a worker what docker info shows', async () => {
      const shown = await ask('info fedora-01');
      expect(shown).toContain('fedora-01 is a worker of the swarm, engine ');
      const expected = pick(await byHand('fedora-01'), ['Swarm', 'NodeID', 'Is Manager', 'Node Address']);
      expect(plain(shown)).toEqual(expect.arrayContaining(expected));
      expect(shown).not.toMatch(/ClusterID|Raft/);
    });

    it('shows of a manager what docker info shows, also in Docker’s own spelling', async () => {
      const shown = await ask('docker info manager');
      expect(shown).toContain('manager is a manager of the swarm, engine ');
      const told = await byHand('manager');
      const own = ['Swarm', 'NodeID', 'Is Manager', 'Node Address', 'ClusterID', 'Managers', 'Nodes'];
      const [limit] = pick(told, ['Task History Retention Limit']);
      const raft = pick(told, ['Snapshot Interval', 'Heartbeat Tick', 'Election Tick']);
      const [heartbeat] = pick(told, ['Heartbeat Period']);
      const [expiry] = pick(told, ['Expiry Duration']);
      expect(plain(shown)).toEqual(
        expect.arrayContaining([
          ...pick(told, own),
          limit,
          ...raft.map((line) => `Raft: ${line}`),
          `Dispatcher ${heartbeat}`,
          `CA ${expiry}`,
        ]),
      );
    });

    it('says of a host whose engine is gone that it does not answer', async () => {
      const shown = await refused(bench.system.slack, 'info fedora-02');
      expect(shown).toMatch(/The engine on fedora-02 (does not answer|is not running)/);
      expect(shown).toContain('systemctl status docker');
    });

    it('check says of it that it is a member whose engine cannot be asked', async () => {
      const { shown } = await command(bench.system.slack, 'alice', '/swarm check fedora-02', 30_000);
      expect(shown).toContain('fedora-02 is in this swarm, but its engine cannot be asked.');
      expect(shown).toContain('The managers have it in this swarm as a worker, and call it ');
      expect(shown).toContain('[Why?]');
      expect(shown).not.toMatch(/cannot join|\[Join\]/);
    });

    it.each(['info manager', 'nodes', 'ps websky'])(
      '%s offers no button: nothing is under way',
      async (line) => {
        expect(await ask(line)).not.toMatch(/\[[A-Z]\w+\]/);
      },
    );
  });

  it.each(['services', 'service ls'])('%s lists those under strength first', async (line) => {
    const shown = await ask(line);
    expect(shown).toMatch(/3 services, [23] under strength\./);
    expect(rows(shown).filter(([name]) => name !== 'spread')).toEqual([
      ['broken', '0', '1', 'replicated', 'nobody-has:1', '-', '-'],
      ['websky', '2', '4', 'replicated', 'my-apache2:latest', '*:8080->80/tcp (host)', '-'],
    ]);
    const one = await ask(`${line} my-apache2 web`);
    expect(rows(one).map(([name]) => name)).toEqual(['websky']);
    expect(one).toContain('1 of 3 services fits `my-apache2 web`.');
    expect(await ask(`${line} nothing`)).toMatch(
      /No service fits `nothing`\. 3 services, [23] under strength\./,
    );
    expect(rows(await ask(`${line} --filter name=bro`)).map(([name]) => name)).toEqual(['broken']);
  });

  it('ps lists tasks by node, those with errors first, and on demand those that have ended', async () => {
    const tasks = rows(await ask('ps websky'));
    const noNode = 'no suitable node (host-mode port already in use on 2 nodes';
    expect(tasks).toHaveLength(4);
    expect(tasks.slice(0, 2)).toEqual([
      [
        expect.stringMatching(/^websky\.\d$/),
        '-',
        'pending',
        expect.stringContaining(noNode),
        expect.any(String),
      ],
      [
        expect.stringMatching(/^websky\.\d$/),
        '-',
        'pending',
        expect.stringContaining(noNode),
        expect.any(String),
      ],
    ]);
    expect(tasks.slice(2).map(([, node, state, error]) => [node, state, error])).toEqual([
      ['fedora-01', 'running', '-'],
      ['manager', 'running', '-'],
    ]);

    const here = await ask('service ps websky --node fedora-01');
    expect(rows(here).map(([, node]) => node)).toEqual(['fedora-01']);

    await until(
      async () =>
        (await bench.lab.engine('manager').listTasks({ filters: { service: ['broken'] } })).length > 2,
      {
        what: 'the task of broken to have been tried more than once',
        within: 20_000,
      },
    );
    expect(rows(await ask('ps broken'))).toHaveLength(1);
    const tried = rows(await ask('ps broken --all'));
    expect(tried.length).toBeGreaterThan(2);
    expect(tried[0]?.at(-2)).toBe('No such image: nobody-has:1');
  });

  it('ps of a node lists what runs there, and words choose', async () => {
    const here = await ask('ps manager');
    expect(here).toMatch(/manager: \d tasks?, \d running\./);
    expect(new Set(rows(here).map(([, node]) => node))).toEqual(new Set(['manager']));
    expect(await ask('ps websky pending')).toContain('2 of 4 tasks fit `pending`.');
    expect(rows(await ask('node ps fedora-01 websky')).map(([task]) => task)).toEqual([
      expect.stringMatching(/^websky\.\d$/),
    ]);
    expect(await refused(bench.system.slack, 'ps nope')).toContain('No service or node is called nope.');
    expect(await refused(bench.system.slack, 'ps')).toContain('Whose tasks shall be listed?');
  });

  it('nodes lists a node first that is down, with the manager’s words on it', async () => {
    const isDown = async () =>
      (await nodesOf(bench.lab)).some(
        ({ Description, Status }) => Description.Hostname === 'fedora-02' && Status.State === 'down',
      );
    await until(isDown, { what: 'the manager to call fedora-02 down', within: 40_000, every: 100 });
    const shown = await ask('nodes');
    expect(shown).toContain('3 nodes, 2 ready, 1 not, 1 manager.');
    const [first, ...others] = rows(shown);
    const { address } = bench.lab.host('fedora-02');
    expect(first?.slice(0, 5)).toEqual([
      'fedora-02',
      expect.stringMatching(/^down \(heartbeat failure/),
      'active',
      'worker',
      address,
    ]);
    expect(others.map(([name, state, , role]) => [name, state, role])).toEqual([
      ['manager', 'ready', 'leader'],
      ['fedora-01', 'ready', 'worker'],
    ]);
    expect(rows(await ask('node ls down')).map(([name]) => name)).toEqual(['fedora-02']);
    expect(await ask('nodes zone=a')).toContain('No node fits `zone=a`. 3 nodes, 2 ready');
    expect(rows(await ask('nodes --filter role=manager')).map(([name]) => name)).toEqual(['manager']);
  });

  it('what ran on a node when it went down is not counted as running, as the engine counts it', async () => {
    const lost = async (): Promise<number> => {
      const [service] = (await bench.lab.engine('manager').listServices({
        filters: { name: ['spread'] },
        status: true,
      } as object)) as { ServiceStatus?: { RunningTasks: number } }[];
      return service?.ServiceStatus?.RunningTasks ?? 0;
    };
    expect(await lost()).toBe(3);
    expect(rows(await ask('services spread')).map((row) => row.slice(0, 3))).toEqual([['spread', '2', '3']]);
  });

  it('status is the swarm in one card, with what needs attention and a way to the cause', async () => {
    const shown = await ask('status');
    expect(shown).toContain('2 things need attention.');
    expect(plain(shown)).toEqual(
      expect.arrayContaining([
        '🔴 1 node is not ready.',
        expect.stringMatching(/^• fedora-02 down: heartbeat failure/),
        '🔴 3 services are under strength.',
        '• broken 0 of 1 running',
        '• websky 2 of 4 running',
        '1 of 1 reachable',
        'Leader: manager',
        '2 ready, 1 down',
        'Services: 0 of 3 at full strength',
        'Jobs: none under way',
      ]),
    );
    expect(shown).toMatch(/\[Why broken\?\] \[Why websky\?\] \[Why spread\?\] \[Why fedora-02\?\]/);
    expect(await ask('swarm status')).toContain('2 things need attention.');
  });

  it('map posts a picture into the thread, and says in words what it shows', async () => {
    const { slack } = bench.system;
    const { shown, well, ts } = await command(slack, 'alice', '/swarm map', 30_000);
    expect(well, shown).toBe(true);
    expect(shown).toMatch(
      /3 nodes \(1 manager, 1 not ready\) with 8 tasks \(.*not running.*\) of 3 services\./,
    );
    const reply = await slack.waitFor(({ thread_ts, files }) => thread_ts === ts && files.length > 0, {
      channel: 'ops',
      timeoutMs: 40_000,
    });
    const bytes = new Uint8Array(await (await fetch(slack.url + (reply.files[0]?.url ?? ''))).arrayBuffer());
    expect([...bytes.subarray(0, 4)]).toEqual([0x89, 0x50, 0x4e, 0x47]);
    expect(await refused(slack, 'map nope')).toContain('No service is called nope.');
    expect(await refused(slack, 'map --node nope')).toContain('No node is called nope.');
  });

  it('help lists every command, and explains one by its name or by Docker’s spelling of it', async () => {
    const all = await ask('help');
    for (const verb of ['join', 'scale', 'info', 'nodes', 'services', 'ps', 'jobs', 'cancel', 'help'])
      expect(all).toContain(`/swarm ${verb}`);
    const scale = await ask('help scale');
    expect(scale).toMatch(/\/swarm scale SERVICE N .*\[--timeout TIME\]/);
    expect(scale).toContain('/swarm scale websky=12 api=3');
    expect(await ask('help service scale')).toBe(scale);
  });

  it('jobs lists them by their IDs, cancel ends one that runs, one that waits, and none that has ended', async () => {
    const { slack } = bench.system;
    const since = slack.messages('ops').at(-1)?.ts ?? '0';
    const cardOf = async (title: string, phase: string): Promise<{ id: string; shown: string }> => {
      const card = await slack.waitFor(({ text }) => text.startsWith(`${title}: ${phase}`), {
        channel: 'ops',
        since,
        timeoutMs: 20_000,
      });
      const shown = slack.renderText(card);
      return { id: /`(?<id>[2-9a-z]{8})`$/.exec(shown)?.groups?.['id'] ?? '', shown };
    };
    await slack.command('alice', 'ops', '/swarm scale broken 2');
    const running = await cardOf('scale broken 2', 'running');
    await slack.command('bob', 'ops', '/swarm scale broken 3');
    const waiting = await cardOf('scale broken 3', 'waiting its turn');
    expect(running.shown).toContain('[Cancel]');

    const open = lines(await ask('jobs --open'));
    expect(open).toHaveLength(3);
    expect(open[0]).toMatch(
      new RegExp(`^⏳ scale broken 3 +waiting for .scale broken 2. of @alice +.${waiting.id}. +@bob`),
    );
    expect(open[1]).toMatch(new RegExp(`scale broken 2 +running +.${running.id}. +@alice`));

    expect(await ask(`cancel ${waiting.id}`)).toContain('scale broken 3 is cancelled; it had not begun.');
    expect((await cardOf('scale broken 3', 'cancelled')).shown).toContain(
      'alice cancelled it before it began.',
    );
    expect(await ask(`cancel ${running.id.toUpperCase()}`)).toContain('scale broken 2 is told to stop.');
    const cancelled = await cardOf('scale broken 2', 'cancelled');
    expect(cancelled.shown).toContain('alice cancelled it. What was done before stays as it is');
    expect(cancelled.shown).not.toContain('[Cancel]');

    expect(await ask(`cancel ${running.id}`)).toContain('scale broken 2 has ended already: cancelled.');
    expect(await ask('jobs --open')).toContain('No job runs or waits.');
    expect(lines(await ask('jobs'))).toEqual(
      expect.arrayContaining([
        expect.stringMatching(new RegExp(`scale broken 2 +cancelled.* .${running.id}.`)),
      ]),
    );
  });
});

function lines(shown: string): string[] {
  return shown.split('\n').map((line) => line.trim());
}

/** The same without the backticks around values. */
function plain(shown: string): string[] {
  return lines(shown.replaceAll('`', ''));
}

/** The lines of these fields; each must be there. */
function pick(told: string[], fields: string[]): string[] {
  return fields.map((field) => {
    const line = told.find((one) => one.startsWith(`${field}: `));
    if (line === undefined) throw new Error(`docker info shows no ${field}.`);
    return line;
  });
}
