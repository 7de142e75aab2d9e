/** What a drain says under its steps. */
import type { PutBack, Raised } from './drain-capacity.ts';
import type { Emptied, Load } from './drain-move.ts';

export const raisedText = ({ name, from, to }: Raised): string => `${name} from ${from} to ${to}`;

export function putBackText(back: PutBack): string {
  if (back.kind === 'back') return `${back.name} is back at ${back.replicas}`;
  if (back.kind === 'gone') return `${back.name} was removed meanwhile`;
  return `${back.name} stays at ${back.replicas}, which somebody else has set meanwhile`;
}

export function loadText({ services, others }: Load): string {
  const parts = services.map(({ name, here }) => `${here} of ${name}`);
  if (others > 0) parts.push(`${others} of global services or jobs`);
  return parts.length === 0 ? 'nothing runs on it' : parts.join(', ');
}

export function movedText({ services, left }: Emptied): string {
  const parts = services.map(({ name, running, wanted }) => `${name} ${running} of ${wanted}`);
  if (left.length > 0) parts.unshift(`still on it: ${left.join(', ')}`);
  return parts.join(', ') || 'nothing had to move';
}
