/**
 * The requests of the page to the local Slack, as its contract names them.
 *
 * @import { PageAnswer, PageState } from '../slack/page-api.ts'
 */

/**
 * For when no answer came at all. Nothing is sent again by itself: it may have arrived, and commands must not run twice.
 */
const SILENT =
  'The local Slack did not answer. Try again; if that does not help, see whether it is still running.';

/**
 * @template {object} [T={}]
 * @param {'command' | 'message' | 'action' | 'view/submit' | 'view/close' | 'suggest' | 'home' | 'read'} what
 * @param {object} body
 * @returns {Promise<(T & { ok: true }) | Extract<PageAnswer, { ok: false }>>} never rejects
 */
export async function post(what, body) {
  try {
    const response = await fetch(`/page/${what}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    return /** @type {(T & { ok: true }) | Extract<PageAnswer, { ok: false }>} */ (await response.json());
  } catch {
    return { ok: false, error: SILENT };
  }
}

/**
 * @param {string} as user id or name
 * @returns {Promise<PageState>} rejects with a sentence when there is no state for that person
 */
export async function fetchState(as) {
  const response = await fetch(`/page/state?as=${encodeURIComponent(as)}`).catch(() => undefined);
  const state = /** @type {PageState | { error?: string } | undefined} */ (
    await response?.json().catch(() => undefined)
  );
  if (state && 'me' in state) return state;
  throw new Error(state?.error ?? SILENT);
}
