import type { InstalledApp } from './app.ts';
import type { Delivery } from './delivery.ts';
import type { ResponseUrls } from './response-urls.ts';
import type { Triggers } from './triggers.ts';
import type { StoredView, Views } from './views.ts';
import type { StoredMessage, Workspace } from './workspace.ts';

/** What Slack's client tells the person when something did not work; `errors` belong beside inputs, by block_id. */
export class Refused extends Error {
  readonly errors: Record<string, string> | undefined;
  constructor(message: string, errors?: Record<string, string>) {
    super(message);
    this.errors = errors;
  }
}

/** Where an element is that somebody uses. */
export type Place = { message: StoredMessage } | { view: StoredView };

export interface Surroundings {
  app: InstalledApp;
  workspace: Workspace;
  views: Views;
  triggers: Triggers;
  responses: ResponseUrls;
  delivery: Delivery;
  url(): string;
}
