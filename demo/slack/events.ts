import type { InstalledApp } from './app.ts';
import { TEAM } from './app.ts';
import type { Parcel } from './delivery.ts';
import { newId } from './ids.ts';
import type { Fields } from './json.ts';

/** An event in the wrapper of the Events API: https://docs.slack.dev/apis/events-api */
export function eventPayload(app: InstalledApp, event: Fields): Parcel {
  return {
    type: 'events_api',
    acceptsResponse: false,
    payload: {
      token: app.verificationToken,
      team_id: TEAM.id,
      api_app_id: app.id,
      event,
      type: 'event_callback',
      event_id: newId('Ev'),
      event_time: Math.floor(Date.now() / 1000),
      authorizations: [
        {
          enterprise_id: null,
          team_id: TEAM.id,
          user_id: app.botUserId,
          is_bot: true,
          is_enterprise_install: false,
        },
      ],
      is_ext_shared_channel: false,
    },
  };
}
