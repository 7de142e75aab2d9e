import type { KnownBlock } from '@slack/types';
import { fold, lines, section } from '../cards/blocks.ts';
import { remedyButtons } from '../cards/remedies.ts';
import { bold, code, escape } from '../cards/text.ts';
import type { JobResult } from '../jobs/index.ts';
import type { Remedy } from '../remedy.ts';
import { eachOf } from '../target.ts';
import { flag, host, hostOption } from './args.ts';
import { defineCommand } from './define.ts';

type Opened = JobResult<'ports'>;

export const ports = defineCommand({
  name: 'ports',
  summary: "Show which firewall rules the swarm's ports need, and add them",
  risk: 'change',
  aliases: ['open ports'],
  examples: ['ports fedora-03', 'ports fedora-03 --apply', 'ports manager --for fedora-03'],
  args: {
    host: host(),
    for: hostOption('a host that shall reach it and has not joined yet'),
    apply: flag('add the rules, at once and for good, and try the ports again'),
  },
  job: 'ports',
  shows: ({ apply }) => !apply,
  targets: ({ host: name }) => eachOf('host', [name]),
  input: ({ host: name, for: other, apply }) => ({ host: name, for: other, apply }),
  done: (opened) => {
    const { sentence, mark } = summary(opened);
    const findings = opened.after ?? opened.before;
    return {
      text: `${escape(opened.host)}: ${sentence}`,
      blocks: [
        section(`${mark} ${bold(opened.host)}: ${sentence}`),
        ...lines(
          findings
            .filter(({ verdict }) => verdict !== 'pass')
            .map(({ verdict, says }) => `${verdict === 'fail' ? ':x:' : ':warning:'} ${escape(says)}`),
        ),
        ...rules(opened),
        ...remedyButtons(waysOut(opened)),
      ],
    };
  },
});

function summary({ applied, blocked, commands, before, peers }: Opened): { sentence: string; mark: string } {
  const untested = before.some(({ verdict }) => verdict === 'warn');
  if (applied) {
    if (blocked.after)
      return {
        mark: ':warning:',
        sentence: `${commands.length > 0 ? 'the rules were added here' : 'its own rules were so already'}, but not everything passes yet: the rest is up to another host, or to a firewall in between.`,
      };
    if (commands.length === 0)
      return {
        mark: ':white_check_mark:',
        sentence: 'its rules were so already, and nothing had to be added.',
      };
    return {
      mark: ':white_check_mark:',
      sentence: `the ports are open now${peers.length > 0 && !untested ? ', as real packets have shown' : ''}.`,
    };
  }
  if (commands.length > 0)
    return {
      mark: blocked.before ? ':x:' : ':warning:',
      sentence: blocked.before
        ? 'its firewall does not let everything pass that the swarm needs. These rules would be added, and none taken away:'
        : 'packets pass at the moment, but its rules do not say so for good. These would be added:',
    };
  return blocked.before
    ? { mark: ':x:', sentence: 'its own rules let the packets through, so something else stops them.' }
    : {
        mark: ':white_check_mark:',
        sentence: 'everything that the swarm needs passes, and there is nothing to add.',
      };
}

function rules({ applied, commands, how, why, stoppedBy, lasting, outlastsBoot }: Opened): KnownBlock[] {
  const remarks = [
    escape(how),
    ...(stoppedBy.length > 0 ? [`What stops packets: ${stoppedBy.slice(0, 5).map(code).join(', ')}.`] : []),
  ];
  if (commands.length === 0) return lines(remarks);
  const written = commands.map(
    ({ shows, lasts }) => `${code(shows)}${lasts === 'boot' ? ' (for the next boot)' : ''}`,
  );
  const shown = lines(written, 2);
  return [
    ...(applied ? [fold(`${commands.length} added`, shown)] : shown),
    ...lines([...remarks, escape(why), `${outlastsBoot ? '' : ':warning: '}${escape(lasting)}`]),
  ];
}

function waysOut({ host: name, for: other, applied, commands, blocked, before, after }: Opened): Remedy[] {
  const words = other === null ? '' : ` --for ${other}`;
  if (!applied && commands.length > 0)
    return [
      {
        label: 'Add these rules',
        line: `ports ${name}${words} --apply`,
        confirm: `These rules are added to the firewall of ${name}, at once and for the next boot. None is taken away.`,
      },
    ];
  const elsewhere = (after ?? before)
    .flatMap(({ remedies }) => remedies)
    .filter(({ line }) => !line.startsWith(`ports ${name} `) && line !== `ports ${name}`);
  if (blocked.after) return [...elsewhere, { label: 'Check again', line: `check ${other ?? name}` }];
  return applied ? [{ label: 'Check it', line: `check ${other ?? name}` }] : [];
}
