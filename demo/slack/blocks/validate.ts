import { isFields, objectsOf, stringOf, typeOf } from '../json.ts';
import type { Fields } from '../json.ts';
import { boolean, Findings, list, object, oneOf, string } from './check.ts';
import { plainText } from './composition.ts';
import type { Surface } from './layouts.ts';
import { surfaces } from './layouts.ts';
import { interactiveElements, walkBlocks } from './walk.ts';

/** Looks up an uploaded file, for pictures given as `slack_file`. */
export type FileExists = (idOrUrl: string) => boolean;

/**
 * What Slack would find wrong with these blocks on this surface: limits, unknown fields, blocks that the surface does
 * not take, ids given twice. An empty list means that they are fine. `at` is the pointer of the list.
 */
export function findBlockErrors(
  blocks: unknown,
  surface: Surface,
  fileExists: FileExists,
  at = '/blocks',
): string[] {
  const found = new Findings();
  list(surfaces[surface], { min: 0, max: surface === 'message' ? 50 : 100 })(blocks, at, found);
  const all = [...walkBlocks(objectsOf(blocks))];
  findDuplicates(all, at, found);
  findMissingFiles(blocks, at, found, fileExists);
  const count = (...types: string[]): number => all.filter((block) => types.includes(typeOf(block))).length;
  if (count('table', 'data_table') > 1) found.add(at, 'only_one_table_allowed');
  if (count('plan') > 1) found.add(at, 'only one plan block is allowed');
  const markdown = all.filter((block) => block['type'] === 'markdown');
  if (
    markdown.length > 1 &&
    markdown.reduce((sum, block) => sum + (stringOf(block['text']) ?? '').length, 0) > 12_000
  ) {
    found.add(at, 'markdown blocks must be less than 12001 characters in all');
  }
  return found.errors;
}

function findDuplicates(blocks: Fields[], at: string, found: Findings): void {
  const blockIds = new Set<string>();
  const taskIds = new Set<string>();
  const once = (seen: Set<string>, id: unknown, key: string, what: string): void => {
    if (typeof id !== 'string') return;
    if (seen.has(id)) found.add(at, `\`${key}\` \`${id}\` already exists for another ${what}`);
    seen.add(id);
  };
  for (const block of blocks) {
    once(blockIds, block['block_id'], 'block_id', 'block');
    const actionIds = new Set<string>();
    for (const element of interactiveElements(block))
      once(actionIds, element['action_id'], 'action_id', 'element');
    for (const task of [block, ...objectsOf(block['tasks'])])
      once(taskIds, task['task_id'], 'task_id', 'task');
  }
}

function findMissingFiles(value: unknown, at: string, found: Findings, fileExists: FileExists): void {
  if (Array.isArray(value)) {
    value.forEach((entry, index) => findMissingFiles(entry, `${at}/${index}`, found, fileExists));
  } else if (isFields(value)) {
    for (const [key, entry] of Object.entries(value)) {
      const reference = key === 'slack_file' && isFields(entry) ? (entry['id'] ?? entry['url']) : undefined;
      if (typeof reference === 'string' && !fileExists(reference))
        found.add(`${at}/${key}`, 'invalid slack file');
      else findMissingFiles(entry, `${at}/${key}`, found, fileExists);
    }
  }
}

/**
 * How much of the total that Slack allows (about 13,200 characters, `msg_blocks_too_long`) the blocks use. Measured
 * for markdown: 13,297 characters alone, 125 fewer with one more block (slackapi/bolt-js#2509).
 */
export function blocksTooLong(blocks: Fields[]): boolean {
  return blocks.length * 125 + characters(blocks) > 13_297 + 125;
}

function characters(value: unknown): number {
  if (Array.isArray(value)) return value.reduce<number>((sum, entry) => sum + characters(entry), 0);
  if (!isFields(value)) return 0;
  return Object.entries(value).reduce((sum, [key, entry]) => {
    if (typeof entry !== 'string') return sum + characters(entry);
    return sum + (['text', 'title', 'caption', 'alt_text'].includes(key) ? entry.length : 0);
  }, 0);
}

const modal = object(
  { title: plainText(24), blocks: () => {} },
  {
    submit: plainText(24),
    close: plainText(24),
    private_metadata: string({ min: 0, max: 3000 }),
    callback_id: string({ min: 0, max: 255 }),
    external_id: string({ min: 0, max: 255 }),
    clear_on_close: boolean,
    notify_on_close: boolean,
    submit_disabled: boolean,
  },
);

const home = object(
  { blocks: () => {} },
  {
    private_metadata: string({ min: 0, max: 3000 }),
    callback_id: string({ min: 0, max: 255 }),
    external_id: string({ min: 0, max: 255 }),
  },
);

/** What Slack would find wrong with a view of this type. */
export function findViewErrors(view: Fields, type: 'modal' | 'home', fileExists: FileExists): string[] {
  const found = new Findings();
  oneOf(type)(view['type'], '/view/type', found);
  (type === 'modal' ? modal : home)(view, '/view', found);
  found.errors.push(...findBlockErrors(view['blocks'], type, fileExists, '/view/blocks'));
  const hasInput = objectsOf(view['blocks']).some((block) => block['type'] === 'input');
  if (type === 'modal' && hasInput && view['submit'] === undefined) {
    found.add('/view', 'missing required field: submit');
  }
  return found.errors;
}
