import { TEAM } from '../app.ts';
import type { Fields } from '../json.ts';
import { chatMethods } from './chat.ts';
import { conversationMethods } from './conversations.ts';
import { directoryMethods } from './directory.ts';
import { fileMethods } from './files.ts';
import type { ApiMethod } from './method.ts';
import { ApiError } from './error.ts';
import { viewMethods } from './views.ts';

const basics: Record<string, ApiMethod> = {
  'api.test': {
    token: 'none',
    tier: 4,
    run(args): Fields {
      const error = args.text('error');
      if (error) throw new ApiError(error, { args: args.fields });
      return { args: args.fields };
    },
  },
  'auth.test': {
    token: 'any',
    tier: 'special',
    run: (_args, context) => ({
      url: `${context.url()}/`,
      team: TEAM.name,
      user: context.workspace.person(context.app.botUserId).name,
      team_id: TEAM.id,
      user_id: context.app.botUserId,
      bot_id: context.app.botId,
      is_enterprise_install: false,
    }),
  },
  'apps.connections.open': {
    token: 'app',
    tier: 1,
    scopes: () => ['connections:write'],
    run: (_args, context) => ({ url: context.newSocketUrl() }),
  },
};

/** Every Web API method that the local Slack has; any other is `unknown_method`. */
export const methods: Record<string, ApiMethod> = {
  ...basics,
  ...chatMethods,
  ...conversationMethods,
  ...directoryMethods,
  ...viewMethods,
  ...fileMethods,
};
