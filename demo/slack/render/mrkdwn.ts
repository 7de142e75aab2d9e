import type { Workspace } from '../workspace.ts';

const EMOJI: Record<string, string> = {
  white_check_mark: '✅',
  heavy_check_mark: '✔',
  x: '❌',
  warning: '⚠️',
  no_entry: '⛔',
  rotating_light: '🚨',
  hourglass_flowing_sand: '⏳',
  large_green_circle: '🟢',
  large_yellow_circle: '🟡',
  red_circle: '🔴',
  white_circle: '⚪',
  whale: '🐳',
  wave: '👋',
  lock: '🔒',
  bell: '🔔',
  mag: '🔍',
  tada: '🎉',
  information_source: 'ℹ️',
  arrows_counterclockwise: '🔄',
  arrow_forward: '▶️',
  black_square_for_stop: '⏹️',
  white_small_square: '▫️',
  bulb: '💡',
  clipboard: '📋',
  eyes: '👀',
  dart: '🎯',
  raised_hand: '✋',
  repeat: '🔁',
  hourglass: '⌛',
};

export function renderEmoji(name: string): string {
  return EMOJI[name] ?? `:${name}:`;
}

/** Slack's mrkdwn as somebody reads it: names instead of ids, no formatting marks, `&amp;` and the like undone. */
export function renderMrkdwn(text: string, workspace: Workspace): string {
  const references = text.replace(/<([^<>|]+)(?:\|([^<>]*))?>/g, (_whole, target: string, label?: string) =>
    renderReference(target, label, workspace),
  );
  const plain = references
    .replace(/:([a-z0-9_+-]+):/g, (whole, name: string) => EMOJI[name] ?? whole)
    .replace(/```\n?([\s\S]*?)\n?```/g, '$1')
    .replace(/(^|[\s(])\*([^*\n]+)\*(?=$|[\s.,:;!?)])/gm, '$1$2')
    .replace(/(^|[\s(])_([^_\n]+)_(?=$|[\s.,:;!?)])/gm, '$1$2')
    .replace(/(^|[\s(])~([^~\n]+)~(?=$|[\s.,:;!?)])/gm, '$1$2');
  return unescapeText(plain);
}

export function unescapeText(text: string): string {
  return text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
}

function renderReference(target: string, label: string | undefined, workspace: Workspace): string {
  const [kind, id] = [target[0], target.slice(1)];
  if (kind === '@') return `@${workspace.people.get(id)?.name ?? label ?? id}`;
  if (kind === '#') return `#${workspace.channels.get(id)?.name ?? label ?? id}`;
  if (target.startsWith('!subteam^')) {
    return `@${workspace.usergroups.get(target.slice('!subteam^'.length))?.handle ?? label ?? 'group'}`;
  }
  if (target.startsWith('!date^')) return label ?? target;
  if (kind === '!') return `@${id}`;
  return label && label !== target ? `${label} (${target})` : target.replace(/^mailto:/, '');
}
