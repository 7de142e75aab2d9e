import { Findings, list } from './blocks/check.ts';
import { menuOption, optionGroup } from './blocks/composition.ts';
import type { Fields } from './json.ts';
import { objectsOf } from './json.ts';

/** What the menu shows: nothing at all when one option is wrong or there are more than 100, as in Slack. */
export function readOptions(response: Fields | undefined): Fields {
  const key = response?.['option_groups'] === undefined ? 'options' : 'option_groups';
  const found = new Findings();
  list(key === 'options' ? menuOption : optionGroup, { min: 0, max: 100 })(response?.[key], `/${key}`, found);
  return { [key]: found.errors.length > 0 ? [] : objectsOf(response?.[key]) };
}
