import type { Fields } from '../json.ts';
import type { ApiMethod } from './method.ts';
import { ApiError, invalid } from './error.ts';

export const viewMethods: Record<string, ApiMethod> = {
  'views.open': {
    token: 'bot',
    tier: 4,
    run(args, { views, triggers }): Fields {
      const content = args.object('view');
      views.check(content, 'modal');
      const user = triggers.exchange(args.required('trigger_id'));
      return { view: views.payload(views.open(user, content)) };
    },
  },
  'views.push': {
    token: 'bot',
    tier: 4,
    run(args, { views, triggers }): Fields {
      const content = args.object('view');
      views.check(content, 'modal');
      const user = triggers.exchange(args.required('trigger_id'));
      return { view: views.payload(views.push(user, content)) };
    },
  },
  'views.update': {
    token: 'bot',
    tier: 4,
    run(args, { views }): Fields {
      const id = args.text('view_id') ?? args.text('external_id');
      if (!id) throw invalid('invalid_arguments', ['missing required field: view_id']);
      return { view: views.payload(views.update(id, args.object('view'), args.text('hash'))) };
    },
  },
  'views.publish': {
    token: 'bot',
    tier: 4,
    run(args, { views, workspace }): Fields {
      const user = args.required('user_id');
      if (!workspace.people.has(user)) throw new ApiError('user_not_found');
      return { view: views.payload(views.publish(user, args.object('view'), args.text('hash'))) };
    },
  },
};
