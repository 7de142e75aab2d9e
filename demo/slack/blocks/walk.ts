import { newId } from '../ids.ts';
import { isFields, objectsOf, stringOf } from '../json.ts';
import type { Fields } from '../json.ts';

/** Every block, those inside containers included. */
export function* walkBlocks(blocks: Fields[]): Generator<Fields> {
  for (const block of blocks) {
    yield block;
    if (block['type'] === 'container') yield* walkBlocks(objectsOf(block['child_blocks']));
  }
}

/** The elements of one block that a person can use (buttons, menus, inputs). */
export function interactiveElements(block: Fields): Fields[] {
  switch (block['type']) {
    case 'actions':
      return objectsOf(block['elements']);
    case 'section':
      return objectsOf([block['accessory']]).filter((element) => element['type'] !== 'image');
    case 'input':
      return objectsOf([block['element']]);
    case 'card':
      return objectsOf(block['actions']);
    default:
      return [];
  }
}

export interface Interactive {
  block: Fields;
  blockId: string;
  actionId: string;
  element: Fields;
}

/** All elements that a person can use, in reading order. */
export function findInteractive(blocks: Fields[]): Interactive[] {
  return [...walkBlocks(blocks)].flatMap((block) =>
    interactiveElements(block).map((element) => ({
      block,
      blockId: stringOf(block['block_id']) ?? '',
      actionId: stringOf(element['action_id']) ?? '',
      element,
    })),
  );
}

/** A copy in which every block has a block_id and every interactive element an action_id, as Slack fills them in. */
export function withIds(blocks: Fields[]): Fields[] {
  const copy = structuredClone(blocks);
  for (const block of walkBlocks(copy)) {
    block['block_id'] ??= newId('').slice(0, 5);
    for (const element of interactiveElements(block)) {
      if (isFields(element)) element['action_id'] ??= newId('').slice(0, 5);
    }
  }
  return copy;
}
