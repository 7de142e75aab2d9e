import type { InstalledApp } from './app.ts';
import { TEAM } from './app.ts';
import { ApiError, invalid } from './api/error.ts';
import type { FileExists } from './blocks/validate.ts';
import { findViewErrors } from './blocks/validate.ts';
import { withIds } from './blocks/walk.ts';
import { newId, newSecret } from './ids.ts';
import type { Fields } from './json.ts';
import { objectsOf, stringOf } from './json.ts';
import type { StateValues } from './page-api.ts';
import type { Workspace } from './workspace.ts';

export interface StoredView {
  id: string;
  user: string;
  type: 'modal' | 'home';
  hash: string;
  /** The view as the app sent it, with ids filled in. */
  content: Fields & { blocks: Fields[] };
  rootId: string;
  previousId: string | null;
}

const MAX_STACK = 3;
const MAX_BYTES = 250_000;

/** The modals that each person has open, and each person's Home tab. */
export class Views {
  readonly #stacks = new Map<string, StoredView[]>();
  readonly #homes = new Map<string, StoredView>();
  readonly #workspace: Workspace;
  readonly #app: InstalledApp;
  readonly #fileExists: FileExists;

  constructor(workspace: Workspace, app: InstalledApp, fileExists: FileExists) {
    this.#workspace = workspace;
    this.#app = app;
    this.#fileExists = fileExists;
  }

  /** A person's open modals, the visible one last. */
  stack(user: string): StoredView[] {
    return this.#stacks.get(user) ?? [];
  }

  home(user: string): StoredView | undefined {
    return this.#homes.get(user);
  }

  find(id: string): StoredView | undefined {
    const all = [...this.#homes.values(), ...[...this.#stacks.values()].flat()];
    return all.find((view) => view.id === id || view.content['external_id'] === id);
  }

  open(user: string, content: Fields): StoredView {
    const view = this.#make(user, 'modal', content, undefined);
    this.#setStack(user, [view]);
    return view;
  }

  push(user: string, content: Fields): StoredView {
    const stack = this.stack(user);
    const top = stack.at(-1);
    if (!top) throw new ApiError('not_found');
    if (stack.length >= MAX_STACK) throw new ApiError('push_limit_reached');
    const view = this.#make(user, 'modal', content, top);
    this.#setStack(user, [...stack, view]);
    return view;
  }

  /** Replaces what a view shows; its id and its place in the stack stay. */
  update(id: string, content: Fields, hash?: string): StoredView {
    const view = this.find(id);
    if (!view) throw new ApiError('not_found');
    if (hash !== undefined && hash !== view.hash) throw new ApiError('hash_conflict');
    view.content = this.check(content, view.type, view);
    view.hash = newHash();
    this.#workspace.announce({
      type: view.type === 'home' ? 'home_changed' : 'modals_changed',
      user: view.user,
    });
    return view;
  }

  publish(user: string, content: Fields, hash?: string): StoredView {
    const existing = this.home(user);
    if (existing) return this.update(existing.id, content, hash);
    const view = this.#make(user, 'home', content, undefined);
    this.#homes.set(user, view);
    this.#workspace.announce({ type: 'home_changed', user });
    return view;
  }

  /** Closes the visible modal, or all of them. */
  close(user: string, everything: boolean): void {
    this.#setStack(user, everything ? [] : this.stack(user).slice(0, -1));
  }

  /** The view as the app sees it in answers and payloads. */
  payload(view: StoredView, values: StateValues = {}): Fields {
    return {
      id: view.id,
      team_id: TEAM.id,
      close: null,
      submit: null,
      private_metadata: '',
      callback_id: '',
      external_id: '',
      clear_on_close: false,
      notify_on_close: false,
      ...view.content,
      state: { values },
      hash: view.hash,
      root_view_id: view.rootId,
      previous_view_id: view.previousId,
      app_id: this.#app.id,
      app_installed_team_id: TEAM.id,
      bot_id: this.#app.botId,
    };
  }

  #setStack(user: string, stack: StoredView[]): void {
    this.#stacks.set(user, stack);
    this.#workspace.announce({ type: 'modals_changed', user });
  }

  #make(user: string, type: 'modal' | 'home', content: Fields, previous: StoredView | undefined): StoredView {
    const checked = this.check(content, type);
    const id = newId('V');
    const rootId = previous?.rootId ?? id;
    return { id, user, type, hash: newHash(), content: checked, rootId, previousId: previous?.id ?? null };
  }

  /** The content with ids filled in; `self` is the view that it replaces. Throws Slack's error for what is wrong. */
  check(content: Fields, type: 'modal' | 'home', self?: StoredView): StoredView['content'] {
    if (JSON.stringify(content).length > MAX_BYTES) throw new ApiError('view_too_large');
    const errors = findViewErrors(content, type, this.#fileExists);
    if (errors.length > 0) throw invalid('invalid_arguments', errors);
    const externalId = stringOf(content['external_id']);
    const other = externalId ? this.find(externalId) : undefined;
    if (other && other !== self) throw new ApiError('duplicate_external_id');
    return { ...content, blocks: withIds(objectsOf(content['blocks'])) };
  }
}

function newHash(): string {
  return `${Math.floor(Date.now() / 1000)}.${newSecret(4)}`;
}
