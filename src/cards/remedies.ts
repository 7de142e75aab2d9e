/** Remedies as a row of buttons. */
import type { KnownBlock } from '@slack/types';
import type { Remedy } from '../remedy.ts';
import { buttons } from './blocks.ts';

/** The buttons' action: what is behind it only tells them apart, as Slack wants within one message. */
export const REMEDY_ACTION = 'remedy';
const MOST = 5;

/** One actions block, or none. Pressed, each starts its line as a command of the person who pressed it. */
export function remedyButtons(remedies: readonly Remedy[]): KnownBlock[] {
  const known = new Set<string>();
  const different = remedies.filter(({ line }) => {
    const isNew = line.trim() !== '' && !known.has(line);
    known.add(line);
    return isNew;
  });
  if (different.length === 0) return [];
  return [
    buttons(
      different.slice(0, MOST).map(({ label, line, confirm }, at) => ({
        label: label.trim() || line,
        action: `${REMEDY_ACTION}:${at}`,
        value: line,
        ...(confirm
          ? { confirm: { title: 'Are you sure?', text: confirm, yes: label.trim() || 'Yes', no: 'Not now' } }
          : {}),
      })),
    ),
  ];
}
