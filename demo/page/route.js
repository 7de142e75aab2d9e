/**
 * What the page shows, kept in its address, so that a reload and the back button do what people expect:
 * `?as=alice#/ops`, `#/ops/1700000000.000100` with a thread, `#/app/home`.
 *
 * @typedef {{ kind: 'channel', channel: string, thread: string | undefined } | { kind: 'home' } | { kind: 'none' }} Route
 */

/** @returns {Route} */
export function readRoute() {
  const [channel = '', thread] = location.hash.replace(/^#\/?/, '').split('/').map(decodeURIComponent);
  if (channel === '') return { kind: 'none' };
  if (channel === 'app' && thread === 'home') return { kind: 'home' };
  return { kind: 'channel', channel, thread: thread || undefined };
}

/** @param {Route} route */
export function go(route) {
  const parts =
    route.kind === 'channel' ? [route.channel, ...(route.thread ? [route.thread] : [])] : ['app', 'home'];
  location.hash = `/${parts.map(encodeURIComponent).join('/')}`;
}

/** Whom the page acts as: the name in the address. */
export function readActor() {
  return new URLSearchParams(location.search).get('as') ?? 'alice';
}

/** @param {string} name */
export function writeActor(name) {
  const url = new URL(location.href);
  url.searchParams.set('as', name);
  history.replaceState(null, '', url);
}
