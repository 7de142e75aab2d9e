import { newSecret } from './ids.ts';
import { SLACKBOT, Workspace } from './workspace.ts';

interface SlashCommand {
  command: string;
  description: string;
  usage_hint: string;
  /** Users, channels and links arrive as `<@U1|alice>`, `<#C1|ops>` and `<https://..>`. */
  should_escape: boolean;
}

/** What an administrator has installed: one app with its tokens, rights and subscriptions. */
export interface InstalledApp {
  id: string;
  name: string;
  botId: string;
  botUserId: string;
  botToken: string;
  appToken: string;
  signingSecret: string;
  verificationToken: string;
  scopes: string[];
  commands: SlashCommand[];
  /** Event types that the app subscribed to, such as `app_home_opened`. */
  events: string[];
}

/** The scope without which an app is not told of an event: https://docs.slack.dev/reference/events */
export const EVENT_SCOPES: Record<string, string> = {
  user_change: 'users:read',
  subteam_created: 'usergroups:read',
  subteam_updated: 'usergroups:read',
  subteam_members_changed: 'usergroups:read',
};

export const TEAM = { id: 'T0LOCAL001', domain: 'local', name: 'Local Slack' };

/** The scopes of the project's own manifest, and those needed to read back what it posted. */
const DEFAULT_SCOPES = [
  'commands',
  'chat:write',
  'users:read',
  'usergroups:read',
  'im:write',
  'files:write',
  'channels:history',
  'groups:history',
  'im:history',
];

export function installApp(wanted: Partial<InstalledApp>): InstalledApp {
  return {
    id: 'A0SWARM001',
    name: 'Swarmkeeper',
    botId: 'B0SWARM001',
    botUserId: 'U0SWARMBOT',
    botToken: `xoxb-${newSecret(12)}`,
    appToken: `xapp-1-A0SWARM001-${newSecret(12)}`,
    signingSecret: newSecret(16),
    verificationToken: newSecret(12),
    scopes: DEFAULT_SCOPES,
    commands: [
      {
        command: '/swarm',
        description: 'Run the Docker Swarm',
        usage_hint: 'help | join HOST | scale NAME N | info HOST',
        should_escape: true,
      },
    ],
    events: [
      'app_home_opened',
      'user_change',
      'subteam_created',
      'subteam_updated',
      'subteam_members_changed',
    ],
    ...wanted,
  };
}

const PEOPLE = [
  { id: 'U0000ALICE', name: 'alice', real_name: 'Alice Martin', color: '#2c6e49' },
  { id: 'U000000BOB', name: 'bob', real_name: 'Bob Okafor', color: '#8a4fff' },
  { id: 'U0000CAROL', name: 'carol', real_name: 'Carol Nguyen', color: '#c05621' },
];

/** A workspace with alice, bob and carol, the app's bot, #ops and #alerts with it, and #random without it. */
export function furnishWorkspace(app: InstalledApp): Workspace {
  const workspace = new Workspace();
  for (const person of PEOPLE) workspace.people.set(person.id, { ...person, is_bot: false });
  const bot = { id: app.botUserId, name: app.name.toLowerCase(), real_name: app.name };
  workspace.people.set(bot.id, { ...bot, color: '#1d63ed', is_bot: true });
  const slackbot = { id: SLACKBOT, name: 'slackbot', real_name: 'Slackbot' };
  workspace.people.set(SLACKBOT, { ...slackbot, color: '#4a154b', is_bot: true });
  workspace.usergroups.set('S00ONCALL1', {
    id: 'S00ONCALL1',
    handle: 'oncall',
    name: 'On-call',
    users: ['U0000CAROL'],
  });
  workspace.usergroups.set('S000OPS001', {
    id: 'S000OPS001',
    handle: 'ops-team',
    name: 'Operations',
    users: ['U0000ALICE', 'U000000BOB'],
  });
  const people = PEOPLE.map((person) => person.id);
  workspace.addChannel({
    id: 'C00000OPS1',
    name: 'ops',
    topic: 'Running the swarm',
    members: new Set([...people, bot.id]),
  });
  workspace.addChannel({
    id: 'C0ALERTS01',
    name: 'alerts',
    topic: 'What the swarm needs somebody for',
    members: new Set([...people, bot.id]),
  });
  workspace.addChannel({
    id: 'C0RANDOM01',
    name: 'random',
    topic: 'The bot is not here',
    members: new Set(people),
  });
  return workspace;
}
