/** Which services a person means, and which of them need attention most. Pure. */
import type { Service } from '../swarm/swarm.ts';

/** Words that ask for a state of affairs; every other word is looked for in names, images and ports. */
const MEANINGS: Record<string, (service: Service) => boolean> = {
  unhealthy: (service) => attention(service) >= PAUSED,
  healthy: (service) => attention(service) < PAUSED,
  short: isShort,
  stopped: ({ wanted, job }) => wanted === 0 && !job,
  updating: ({ updateState }) => updateState === 'updating' || updateState === 'rollback_started',
  paused: ({ updateState }) => isPaused(updateState),
  replicated: ({ mode }) => mode === 'replicated',
  global: ({ mode }) => mode === 'global',
  job: ({ mode }) => mode.endsWith('-job'),
  jobs: ({ mode }) => mode.endsWith('-job'),
};

const PAUSED = 2;

/** Whether the service is one that all the words ask for, such as `unhealthy` or a part of its name. */
export function fitsService(service: Service, words: string[]): boolean {
  return words.every((word) => fitsWord(service, word.toLowerCase()));
}

function fitsWord(service: Service, word: string): boolean {
  const { name, image, mode, ports, id } = service;
  const [, key = '', value = ''] = /^(name|image|mode)=(.+)$/.exec(word) ?? [];
  if (key === 'mode') return mode === value;
  if (key !== '') return (key === 'name' ? name : image).toLowerCase().includes(value);
  const meaning = Object.hasOwn(MEANINGS, word) ? MEANINGS[word] : undefined;
  if (meaning) return meaning(service) || name.toLowerCase() === word;
  const told = `${name} ${image} ${ports.join(' ')}`.toLowerCase();
  return told.includes(word) || id.startsWith(word);
}

export function isShort({ running, wanted }: Pick<Service, 'running' | 'wanted'>): boolean {
  return running < wanted;
}

export function isPaused(updateState: string): boolean {
  return updateState === 'paused' || updateState === 'rollback_paused';
}

/** How much a service needs somebody's attention: 0 for one at full strength whose update is over. */
function attention({ running, wanted, updateState }: Service): number {
  if (running === 0 && wanted > 0) return 4;
  if (running < wanted) return 3;
  if (isPaused(updateState)) return PAUSED;
  return updateState === 'updating' || updateState === 'rollback_started' ? 1 : 0;
}

const byName = new Intl.Collator('en', { numeric: true });

/** Those that need attention first, among them the one that lacks most, then by name. */
export function worstServiceFirst(a: Service, b: Service): number {
  return (
    attention(b) - attention(a) ||
    Math.max(0, b.wanted - b.running) - Math.max(0, a.wanted - a.running) ||
    byName.compare(a.name, b.name)
  );
}
