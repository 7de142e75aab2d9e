/** What people type, and what they call themselves, on its whole way: as Slack delivers it, and as the bot then shows it. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { HOSTILE, markupIn } from '../cards/markup.ts';
import { ROTATES, startApprovalBench, type ApprovalBench } from './approval-bench.ts';

/** Whoever asks and whoever approves have chosen their names themselves. */
const ASKS = { id: 'U0ASKS', name: `${HOSTILE} asks` };
const SAYS = { id: 'U0SAYS', name: `${HOSTILE} says` };
const OTHER = { id: 'U0OTHER', name: `${HOSTILE} also` };

let bench: ApprovalBench;
let slack: ApprovalBench['slack'];

beforeAll(async () => {
  const rule = { approvers: ['operators'], quorum: 1 };
  bench = await startApprovalBench({
    roles: {
      operators: { people: [ASKS.id, SAYS.id, OTHER.id], allow: ['read', 'change', 'destroy'] },
    },
    approvals: { rotate: { ...rule, quorum: 2 }, rm: { ...rule, reason: 'required' } },
    breakGlass: ['operators'],
    channels: { alerts: 'C0ALERTS01' },
  });
  ({ slack } = bench);
  for (const person of [ASKS, SAYS, OTHER]) slack.addPerson({ ...person, channels: ['ops', 'alerts'] });
}, 60_000);
afterAll(() => bench?.stop());

const sees = (text: string) =>
  slack.waitFor((one) => one.text.includes(text), { channel: 'ops', timeoutMs: 20_000 });

/** In every channel and direct message, everybody's, and in every form that is open. */
function found(): string[] {
  const direct = [ASKS, SAYS, OTHER].flatMap(({ name }) => {
    try {
      return slack.messages(`@${name}`);
    } catch {
      return [];
    }
  });
  const messages = [...slack.messages('ops'), ...slack.messages('alerts'), ...direct];
  const forms = [ASKS, SAYS, OTHER].flatMap(({ name }) => slack.modals(name));
  return [
    ...messages.flatMap(({ blocks, text }) => markupIn(blocks, text)),
    ...forms.flatMap(({ blocks }) => markupIn(blocks)),
  ];
}

test('mentions nobody, links nowhere and formats nothing', { timeout: 90_000 }, async () => {
  const evil = { says: [HOSTILE], warnings: [HOSTILE] };
  bench.finds({ ...evil, facts: [{ what: HOSTILE, value: HOSTILE }] });

  await slack.command(ASKS.name, 'ops', `/swarm rotate worker --reason "${HOSTILE}"`);
  const { ts } = await sees('waits for an approval');
  await slack.press(SAYS.name, 'Approve', { channel: 'ops', ts });
  // Other facts: it is asked anew, and says what has changed.
  bench.finds({ ...evil, facts: [{ what: HOSTILE, value: `another ${HOSTILE}` }] });
  await slack.press(OTHER.name, 'Approve', { channel: 'ops', ts });
  await expect
    .poll(() => slack.messages('ops').map(slack.renderText).join('\n'), { timeout: 20_000 })
    .toContain('asked anew');
  await slack.press(SAYS.name, 'Deny', { channel: 'ops', ts });
  await expect.poll(() => slack.modals(SAYS.name).length).toBe(1);
  expect(found()).toEqual([]);
  await slack.submitView(SAYS.name, { reason: HOSTILE });
  await sees(': denied');

  bench.finds(ROTATES);
  await slack.command(SAYS.name, 'ops', `/swarm rotate worker --now --reason "${HOSTILE}"`);
  await expect.poll(() => slack.messages('alerts').length, { timeout: 20_000 }).toBeGreaterThan(0);
  // It wants a reason, which a form asks for.
  await slack.command(OTHER.name, 'ops', `/swarm rm "${HOSTILE}"`);

  for (const line of [
    HOSTILE,
    `help ${HOSTILE}`,
    `scale "${HOSTILE}" 3`,
    `create "${HOSTILE}" "${HOSTILE}"`,
    `job "${HOSTILE}"`,
    `cancel "${HOSTILE}"`,
    `join "${HOSTILE}"`,
    `audit "${HOSTILE}"`,
    'audit',
    'jobs',
    'approvals',
    'help',
  ]) {
    const known = slack.messages('ops').length;
    await slack.command(ASKS.name, 'ops', `/swarm ${line}`);
    await expect.poll(() => slack.messages('ops').length, { timeout: 10_000 }).toBeGreaterThan(known);
  }
  // All the cards and copies have been brought up to date by then.
  await slack.command(ASKS.name, 'ops', '/swarm rotate worker');
  await expect
    .poll(() => slack.messages('ops').at(-1)?.text ?? '', { timeout: 20_000 })
    .toContain('waits for an approval');
  const everything = slack.messages('ops').map(({ text, blocks }) => `${text}${JSON.stringify(blocks)}`);
  expect(everything.filter((text) => text.includes('evilbold')).length).toBeGreaterThan(2);
  expect(everything.filter((text) => text.includes('&lt;!channel&gt;')).length).toBeGreaterThan(8);
  expect(found()).toEqual([]);
});
