/** Slack's user object -> what the policy goes by. Pure. */
import type { Person } from '../policy/policy.ts';

/** Where the app is installed, of auth.test. */
export interface OwnTeam {
  id: string;
}

export interface Standing {
  kind: Person['kind'];
  /** Of the account: its ID here and, in an Enterprise organization, the one there. */
  ids: string[];
}

/**
 * The fields of a user object that count here. All of them can be absent: "Data that has not been supplied may not be
 * present at all" (https://docs.slack.dev/reference/objects/user-object).
 */
export interface SlackUser {
  id?: string;
  team_id?: string;
  deleted?: boolean;
  is_bot?: boolean;
  is_workflow_bot?: boolean;
  is_connector_bot?: boolean;
  is_restricted?: boolean;
  is_ultra_restricted?: boolean;
  is_stranger?: boolean;
  enterprise_user?: { id?: string; teams?: string[] };
}

/** Of which Slack itself says that `is_bot` is false. */
const SLACKBOT = 'USLACKBOT';

/**
 * Whether somebody belongs to another workspace must be deduced: `is_stranger` is true only of people with whom the app
 * shares no channel, and for all others the workspace is to be compared
 * (https://docs.slack.dev/apis/slack-connect#external). In an Enterprise organization a person belongs to several
 * workspaces: `enterprise_user.teams`. Somebody of the same organization who is not of this workspace is of another one.
 */
export function standingOf(user: SlackUser, own: OwnTeam): Standing {
  const { id = '', team_id: team, enterprise_user: enterprise } = user;
  const ids = [...new Set([id, enterprise?.id ?? ''].filter(Boolean))];
  const teams = [...(team ? [team] : []), ...(enterprise?.teams ?? [])];
  return { kind: kindOf(user, teams, own), ids };
}

function kindOf(user: SlackUser, teams: string[], own: OwnTeam): Person['kind'] {
  if (user.deleted === true) return 'unknown';
  if (user.id === SLACKBOT || user.is_bot === true) return 'bot';
  if (user.is_workflow_bot === true || user.is_connector_bot === true) return 'bot';
  if (user.is_stranger === true) return 'external';
  if (teams.length === 0) return 'unknown';
  if (!teams.includes(own.id)) return 'external';
  return user.is_restricted === true || user.is_ultra_restricted === true ? 'guest' : 'member';
}
