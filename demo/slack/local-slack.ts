import type { InstalledApp } from './app.ts';
import type { Client } from './client.ts';
import type { Receipt, SendRecord } from './delivery.ts';
import type { ApiFaults } from './faults.ts';
import type { Population } from './population.ts';
import type { Screen } from './screen.ts';
import type { DisconnectReason } from './sockets.ts';
import type { ApiCall } from './web-api.ts';
import type { Change } from './workspace.ts';

export interface LocalSlackOptions extends Partial<InstalledApp> {
  /** On 127.0.0.1; 0, the default, takes a free one. */
  port?: number;
  /** Multiplies every rate limit; 1 is Slack's own. */
  tierScale?: number;
  /** Between pings on each socket; Slack's is about 10 s. */
  pingIntervalMs?: number;
}

/** Misbehaviour on request, on top of what slack-facts asks of every client. */
type Faults = Pick<ApiFaults, 'rateLimit' | 'failHttp' | 'slow' | 'clear'> & {
  /** Sends disconnect frames to all sockets, or to the `count` oldest. */
  disconnectSockets(reason?: DisconnectReason, count?: number): void;
  /** Cuts all sockets without a frame. */
  dropSockets(): void;
  /** Leaves TCP open after the closing handshake, as Slack does (for sockets opened from now on). */
  holdTcpAfterClose(hold: boolean): void;
  /** The next `count` envelopes are delivered again after they were acknowledged. */
  resendEnvelopes(count: number): void;
  /** Every trigger_id and response_url given so far expires. */
  expire(): void;
  /** Refuses connections, closes all that are open; the page is gone too. Resolves when it is so. */
  down(): Promise<void>;
  /** Back on the same port, with everything remembered. */
  up(): Promise<void>;
};

export type LocalSlack = Pick<
  Client,
  'command' | 'say' | 'press' | 'choose' | 'suggest' | 'submitView' | 'closeView' | 'openHome'
> &
  Pick<Population, 'addPerson' | 'changePerson' | 'addGroup' | 'changeGroup'> &
  Pick<Screen, 'until' | 'messages' | 'renderText' | 'transcript' | 'waitFor' | 'home' | 'modals'> & {
    /** `http://127.0.0.1:PORT`: the page. */
    url: string;
    /** For `slackApiUrl` of the clients. */
    apiUrl: string;
    botToken: string;
    appToken: string;
    signingSecret: string;
    team: { id: string; domain: string };
    app: { id: string; name: string; botId: string; botUserId: string };
    users: Record<'alice' | 'bob' | 'carol', { id: string; name: string; real_name: string }>;
    channels: Record<'ops' | 'alerts' | 'random', { id: string; name: string }>;
    /** By handle: `oncall` (carol) and `ops-team` (alice, bob). */
    usergroups: Record<string, { id: string; handle: string; users: string[] }>;
    /** The last envelope once more, with the same content. */
    deliverAgain(): Promise<Receipt>;
    /** After every change of messages, views and channels. */
    onChange(listener: (change: Change) => void): () => void;
    calls: readonly ApiCall[];
    /** Calls per method. */
    counts: Readonly<Record<string, number>>;
    /** The next call of the method that fulfils the condition. Rejects after `timeoutMs` (10 s). */
    nextCall(method: string, matches?: (call: ApiCall) => boolean, timeoutMs?: number): Promise<ApiCall>;
    /** Envelopes and requests sent to the app, with the time until each was acknowledged. */
    sends(): readonly SendRecord[];
    /** Sockets that take envelopes now. */
    socketCount(): number;
    faults: Faults;
    /** Signed HTTP to this URL instead of sockets; undefined goes back to sockets. Rejects when the URL fails Slack's check. */
    configureHttpMode(mode: { requestUrl: string; retryMs?: number[] } | undefined): Promise<void>;
    close(): Promise<void>;
  };
