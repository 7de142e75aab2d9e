/** Somebody hides in a request what they want approved: whoever approves it must be able to read all of it. */
import { describe, expect, it } from 'vitest';
import { askingFiles, askingPlan } from '../../src/cards/approval.ts';
import { literal } from '../../src/cards/text.ts';
import { commands } from '../../src/commands/index.ts';
import { basisOf } from '../../src/compose/basis.ts';
import { jobs } from '../../src/jobs/index.ts';
import { told } from '../../src/jobs/preview-text.ts';
import { signPreview } from '../../src/queue/approval.ts';
import { askingOf } from '../../src/slack/asking.ts';
import type { StackState } from '../../src/swarm/stack-shapes.ts';
import type { Swarm } from '../../src/swarm/swarm.ts';
import { request } from '../commands/results.ts';
import { newEnvelope, secret } from '../queue/request.ts';

describe('one host among 300', () => {
  const names = Array.from({ length: 300 }, (_, at) => `staging-${at}`).with(177, 'production-db');
  const round = { round: 1, expiresAt: 1_700_000_000_000 };
  const says = told(names.map((name) => ({ name, says: 'leaves the swarm' })));
  const asking = askingOf(
    {
      ...request('leave', 'asking', { text: 'web', many: 0 }),
      approval: {
        ...round,
        approvers: ['operators'],
        quorum: 1,
        expiresMs: 1000,
        preview: signPreview(newEnvelope('a'), round, { says, warnings: [], facts: [] }, secret),
        grants: [],
        changed: [],
      },
    },
    '',
  );
  if (!asking) throw new Error('Nothing is asked.');

  it('is in the file, and the card says that there is one', () => {
    expect(askingFiles(asking)[0]?.content).toContain('production-db');
    expect(JSON.stringify(askingPlan(asking))).toContain('in a file');
  });

  it('is in the file also where escaping makes the text too long for the card', () => {
    const longer = { ...asking, says: [`${'<'.repeat(899)} production-db`] };
    expect(askingFiles(longer)[0]?.content).toContain('production-db');
  });
});

describe('a service in a compose file', () => {
  const state: StackState = {
    services: [],
    otherServices: [],
    networks: [],
    configs: [],
    secrets: [],
  };
  const planned = async (text: string) => {
    const preview = jobs.stackApply.preview;
    if (!preview) throw new Error('It has no preview.');
    return await preview(
      {
        plan: 'ab12cd34',
        planned: {
          stack: 'shop',
          source: { kind: 'pasted', text },
          prune: false,
          deadlineMs: 1000,
          digest: '',
          basis: basisOf(text, state),
          services: ['shop_web'],
        },
      },
      {
        swarm: { stackState: () => Promise.resolve(state) } as unknown as Swarm,
        hosts: { names: () => [], host: () => undefined as never, close: () => Promise.resolve() },
        signal: new AbortController().signal,
        limits: { joinsAtOnce: 1 },
      },
    );
  };

  it('shows the folders of the node that it gets', async () => {
    const { says, warnings } = await planned(
      'services: {web: {image: nginx, volumes: ["/:/host"], user: root, command: [sh, -c, x], cap_add: [SYS_ADMIN]}}',
    );
    expect(says.join()).toContain('mounts: / at /host');
    expect(says.join()).toContain('command of its own');
    expect(says.join()).toContain('capabilities of its own');
    expect(warnings.join()).toContain('whoever is in such a task may have the whole host');
  });

  it('shows a folder that is called a volume', async () => {
    const { says, warnings } = await planned(
      [
        'services: {web: {image: nginx, volumes: ["data:/srv"]}}',
        'volumes: {data: {driver: local, driver_opts: {type: none, o: bind, device: /}}}',
      ].join('\n'),
    );
    expect(says.join()).toContain('shop_data at /srv (is /)');
    expect(warnings.join()).toContain('get / of the node itself at /srv');
  });
});

describe('a text', () => {
  it('is not turned around by marks that nobody sees', () => {
    expect(literal('a\u202Eb\u2066c')).toBe('a\uFFFDb\uFFFDc');
  });
});

describe('a spelling of docker', () => {
  const named = new Map(commands.map((one) => [one.name, one]));

  it.each([
    ['service rm', 'rm'],
    ['service remove', 'rm'],
    ['node update --role manager', 'promote'],
    ['node update --role worker', 'demote'],
    ['swarm join-token --rotate', 'rotate'],
    ['swarm leave', 'leave'],
    ['stack remove', 'stack rm'],
    ['system prune', 'prune'],
  ])('%s is the command %s, which the policy names', (alias, name) => {
    expect(named.get(name)?.aliases).toContain(alias);
  });
});
