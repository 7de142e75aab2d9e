/** What differs about a service, in a line each. Never a value that is secret. */
import type { FieldChange } from '../swarm/service-changes.ts';
import { clamp, code, escape } from './text.ts';

/** `image: ` my-apache2:1 ` → ` my-apache2:2 ``. */
export function changeLine({ field, from, to, secret }: FieldChange): string {
  const name = escape(clamp(field, 200));
  // What is either there or not.
  const plain = secret || from === 'set' || to === 'set';
  if (plain) return `• ${name}: ${from === null ? 'added' : to === null ? 'removed' : 'changed'}`;
  if (from === null) return `• ${name}: now ${value(to)}`;
  if (to === null) return `• ${name}: removed, it was ${value(from)}`;
  return `• ${name}: ${value(from)} → ${value(to)}`;
}

/** The same as plain text, for dialogs and for the text of a notification: `replicas: 9 → 8; image: ...`. */
export function plainChanges(changes: FieldChange[], most = 4): string {
  const told = changes.slice(0, most).map((change) => changeLine(change).slice(2).replaceAll('`', ''));
  const more = changes.length > most ? ` and ${changes.length - most} more` : '';
  return `${told.join('; ')}${more}`;
}

/** What a rollback would do, right after these changes were made. */
export function reversed(changes: FieldChange[]): FieldChange[] {
  return changes.map((change) => ({ ...change, from: change.to, to: change.from }));
}

/** `image and number of replicas`, for a sentence. */
export function changedFields(changes: FieldChange[]): string {
  const names = changes.map(({ field }) =>
    field === 'replicas' ? 'number of replicas' : escape(clamp(field, 60)),
  );
  return names.length > 4
    ? `${names.slice(0, 3).join(', ')} and ${names.length - 3} more`
    : new Intl.ListFormat('en').format(names).replace(/, and /, ' and ');
}

const value = (text: string | null) => code(clamp(text ?? '', 200) || '(empty)');
