/** `roles`, `deny`, `approvals` and `breakGlass` of swarm.yaml. */
import { z } from 'zod';
import { APPROVED_BY_DEFAULT, DEFAULT_APPROVAL, EVERYONE } from './defaults.ts';
import type { ApprovalRule, Policy, Role } from './policy.ts';

const names = z.array(z.string().min(1));
const audience = {
  people: names.default([]),
  groups: names.default([]),
  everyone: z.boolean().default(false),
};
const limits = { channels: names.default([]), targets: names.default([]) };

const approval = z.strictObject({
  approvers: names.min(1).default(DEFAULT_APPROVAL.approvers),
  quorum: z.int().min(1).max(10).default(DEFAULT_APPROVAL.quorum),
  expiresMinutes: z
    .number()
    .positive()
    .max(7 * 24 * 60)
    .default(DEFAULT_APPROVAL.expiresMs / 60_000),
  reason: z.enum(['required', 'optional']).default(DEFAULT_APPROVAL.reason),
});

export const policyFile = {
  roles: z
    .record(z.string(), z.strictObject({ ...audience, ...limits, allow: names.default([]) }))
    .default({}),
  deny: z.array(z.strictObject({ ...audience, ...limits, commands: names.min(1) })).default([]),
  /** `none`: this command needs no approval. */
  approvals: z
    .union([z.literal('none'), z.record(z.string(), z.union([z.literal('none'), approval]))])
    .default({}),
  breakGlass: names.default([]),
};

type PolicyFile = z.infer<z.ZodObject<typeof policyFile>>;

/** Fills in the defaults. Every mistake is added to `mistakes`. */
export function readPolicy(
  { roles: given, deny, approvals: asked, breakGlass }: PolicyFile,
  mistakes: string[],
): Policy {
  const roles = Object.entries(given).map(([name, role]): Role => ({
    ...role,
    name,
    everyone: role.everyone || name === EVERYONE.name,
  }));
  if (!roles.some(({ name }) => name === EVERYONE.name)) roles.push(EVERYONE);
  const approvals: Record<string, ApprovalRule> = {};
  if (asked !== 'none') {
    for (const name of APPROVED_BY_DEFAULT) if (!(name in asked)) approvals[name] = DEFAULT_APPROVAL;
    for (const [name, rule] of Object.entries(asked)) {
      if (rule === 'none') continue;
      const { expiresMinutes, ...rest } = rule;
      approvals[name] = { ...rest, expiresMs: expiresMinutes * 60_000 };
    }
  }
  const known = new Set(roles.map(({ name }) => name));
  for (const name of breakGlass)
    if (!known.has(name)) mistakes.push(`breakGlass: there is no role "${name}".`);
  return { roles, deny, approvals, breakGlass };
}
