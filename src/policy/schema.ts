/** The shape of `roles`, `deny`, `approvals` and `breakGlass` in swarm.yaml. */
import { z } from 'zod';
import { DEFAULT_APPROVAL } from './defaults.ts';

const person = z.string().regex(/^[UW][A-Z0-9]+$/, {
  error: ({ input }) =>
    `${shown(input)} is no ID of a person: those begin with U or W and are copied from "Copy member ID" in somebody's profile in Slack`,
});

const group = z.string().regex(/^(S[A-Z0-9]+|@[\p{L}\p{N}._-]+)$/u, {
  error: ({ input }) =>
    `${shown(input)} is no user group: write its handle in quotes, such as "@ops-team", or its ID, which begins with S`,
});

const channel = z.string().regex(/^[CG][A-Z0-9]+$/, {
  error: ({ input }) =>
    `${shown(input)} is no ID of a channel: those begin with C and stand at the end of the channel's details in Slack`,
});

const target = z.string().regex(/^[a-zA-Z0-9*][a-zA-Z0-9_.*-]*$/, {
  error: ({ input }) =>
    `${shown(input)} is no name of a host, node, service or stack; of patterns there is only *, as in staging-*`,
});

const somewhere = 'an empty list says nothing; leave it out where there is no limit';
const audience = { people: z.array(person).default([]), groups: z.array(group).default([]) };
const limits = {
  channels: z.array(channel).min(1, somewhere).optional(),
  targets: z.array(target).min(1, somewhere).optional(),
};

export const roleShape = z.strictObject({
  ...audience,
  ...limits,
  everyone: z.boolean().optional(),
  allow: z.array(z.string()).optional(),
});

export const denyShape = z
  .strictObject({
    ...audience,
    ...limits,
    everyone: z.boolean().default(false),
    commands: z.array(z.string()).min(1, 'name commands, or read, change or destroy'),
  })
  .refine(({ people, groups, everyone }) => everyone || people.length + groups.length > 0, {
    error: 'it is about nobody: give people, groups, or everyone: true',
  });

export const approvalShape = z.strictObject({
  approvers: z.array(z.string()).min(1, 'name at least one role').default(DEFAULT_APPROVAL.approvers),
  quorum: z.int().min(1).max(10).default(DEFAULT_APPROVAL.quorum),
  expiresMinutes: z
    .number()
    .positive()
    .max(7 * 24 * 60)
    .default(DEFAULT_APPROVAL.expiresMs / 60_000),
  reason: z.enum(['required', 'optional']).default(DEFAULT_APPROVAL.reason),
});

/** They are read one by one, so that one start shows the mistakes of all: see read.ts. */
export const policyKeys = {
  roles: z.unknown().optional(),
  deny: z.unknown().optional(),
  approvals: z.unknown().optional(),
  breakGlass: z.unknown().optional(),
};

function shown(input: unknown): string {
  return typeof input === 'string' ? `"${input.slice(0, 60)}"` : String(input);
}
