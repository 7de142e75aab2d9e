/** Images: missing, unreachable, or no room for them. */
import { bytes, list } from '../cards/text.ts';
import { both, either, says, shows } from './row.ts';
import type { Row } from './row.ts';
import { prune, retry, rollback, tasks } from './ways-out.ts';

const creates = shows(({ doing = '' }) => /^(create|update|stack|restart)/.test(doing));

export const images: Row[] = [
  {
    row: 47,
    seen: either(
      says(/no space left on device/i, /disk quota exceeded/i, /not enough (free )?(disk )?space/i),
      shows(({ disk }) => disk !== undefined && disk.freeBytes < disk.totalBytes * 0.05),
    ),
    tell: ({ host, facts: { disk, nodes = [] } }) => {
      const where = nodes.length > 0 ? list(nodes) : host;
      return {
        cause: `The disk of ${where} is full${disk ? `: ${bytes(disk.freeBytes)} of ${bytes(disk.totalBytes)} are left` : ''}, so images cannot be stored and tasks cannot start there.`,
        explanation: 'A swarm never clears old images and containers away by itself.',
        advice: `Clean up ${where}, which spares the images that a service may still need, or give it more room.`,
        remedies: nodes.length > 0 ? nodes.slice(0, 3).map(pruneOf) : [prune],
      };
    },
  },
  {
    row: 38,
    seen: says(/toomanyrequests/i, /too many requests/i, /pull rate limit/i),
    tell: ({ service }) => ({
      cause: 'The registry lets nobody pull more for a while, because every node pulls for itself.',
      explanation: `Nodes that have the image already run ${service}; the others wait for the limit to pass, which takes hours.`,
      advice:
        'Log the engines in to the registry, which raises the limit; or pull once and send the image from host to host (`docker save HOST1 | docker load`).',
      remedies: [tasks, retry],
    }),
  },
  {
    row: 36,
    seen: says(
      /no such image: "?(?<image>[^\s"',;)]+)/i,
      /no such image/i,
      /pull access denied(?: for (?<image>[^\s,]+))?/i,
      /manifest (for (?<image>\S+) )?(not found|unknown)/i,
      /repository (?<image>\S+) not found: does not exist/i,
      /no basic auth credentials/i,
      /unauthorized: authentication required/i,
    ),
    tell: ({ service, found, facts }) => {
      const image = (found['image'] ?? facts.image ?? 'The image').replace(/@sha256:[0-9a-f]+$/, '');
      const where = facts.nodes?.length ? list(facts.nodes) : '';
      return {
        cause: `${image} is not on ${where || 'the nodes that were to run it'}, and ${facts.nodes?.length === 1 ? 'it' : 'they'} could not pull it.`,
        explanation:
          'The task only says that there is no such image; whether the name is wrong, the login is missing or the registry is away shows when it is pulled by hand.',
        advice: `Run \`docker pull ${image === 'The image' ? 'IMAGE' : image}\` on ${where || 'one of them'} to read the true error; then put the image into a registry that all nodes can use, or load it there (\`docker save\`, \`docker load\`).`,
        remedies: [
          tasks,
          ...(/^(update|stack)/.test(facts.doing ?? '') ? [rollback] : []),
          ...(service ? [retry] : []),
        ],
      };
    },
  },
  {
    row: 37,
    seen: either(
      says(
        /could not be accessed on a registry/i,
        /(registry|\/v2\/)[^]*(i\/o timeout|no such host|server misbehaving|connection refused|request canceled|Client\.Timeout|TLS handshake timeout|context deadline exceeded|no route to host|network is unreachable)/i,
      ),
      both(creates, says(/context deadline exceeded/i, /did not answer within \d+ s \((create|update)/i)),
    ),
    tell: ({ service }) => ({
      cause:
        'The registry does not answer, and the manager asks it which digest the image has before it goes on.',
      explanation: `Nothing more is needed for ${service} where its image is on the nodes already.`,
      advice:
        'Try again: Swarmkeeper asks the engine not to query the registry (`queryRegistry` off), so that local images are enough. Bring the registry back before nodes need an image that they lack.',
      remedies: [retry, tasks],
    }),
  },
];

function pruneOf(host: string) {
  return {
    label: `Clean up ${host}`,
    line: `prune ${host}`,
    confirm: `Images and containers on ${host} that no service needs are removed.`,
  };
}
