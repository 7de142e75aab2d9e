import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { must } from './commands.mjs';

/*
 * How this machine reaches Debian's mirror and npm's registry, carried over to the clean room: a proxy, a mirror or a
 * certificate that the way leads through is a fact of the place, not of the machine that is being tried.
 */

/** The release of the clean room. */
export const RELEASE = 'bookworm';

const OWN_SUITES = ['', '-updates', '-security'].map((suffix) => RELEASE + suffix);

/** apt's sources of the release itself as one-line entries, the release's main one first. Other vendors' are left out. */
export function debianSources(folder = '/etc/apt') {
  const files = [join(folder, 'sources.list'), ...inFolder(join(folder, 'sources.list.d'))].filter((file) =>
    existsSync(file),
  );
  const sources = files.flatMap((file) =>
    parseSources(readFileSync(file, 'utf8'), file.endsWith('.sources')),
  );
  const own = sources.filter(
    ({ suite, components }) => OWN_SUITES.includes(suite) && components.includes('main'),
  );
  return own.toSorted((a, b) => OWN_SUITES.indexOf(a.suite) - OWN_SUITES.indexOf(b.suite));
}

/** Reads either of apt's two formats. Pure. */
export function parseSources(text, isDeb822) {
  return isDeb822 ? text.split(/\n\s*\n/).flatMap(parseStanza) : text.split('\n').flatMap(parseLine);
}

function parseLine(line) {
  const [, uri, suite, components] =
    /^deb\s+(?:\[[^\]]*\]\s+)?(\S+)\s+(\S+)\s+(.+)$/.exec(line.replace(/#.*/, '').trim()) ?? [];
  return uri === undefined
    ? []
    : [{ uri, suite: suite.replace(/\/$/, ''), components: components.trim().split(/\s+/) }];
}

function parseStanza(stanza) {
  const lines = stanza.split('\n').filter((line) => !line.startsWith('#'));
  const field = (name) => {
    const found = new RegExp(`^${name}:(.*(?:\n[ \t].*)*)`, 'im').exec(lines.join('\n'));
    return (found?.[1] ?? '').trim().split(/\s+/).filter(Boolean);
  };
  if (!field('Types').includes('deb') || field('Enabled')[0] === 'no') return [];
  return field('URIs').flatMap((uri) =>
    field('Suites').map((suite) => ({
      uri,
      suite: suite.replace(/\/$/, ''),
      components: field('Components'),
    })),
  );
}

/** Those settings of apt that say how to reach a mirror, as a file for /etc/apt/apt.conf.d. */
export function aptSettings() {
  const lines = must(['apt-config', 'dump', '--no-empty']).split('\n');
  return lines
    .filter((line) => /^Acquire::(https?|Check-Valid-Until|Check-Date|Retries|ForceIPv4)\b/.test(line))
    .join('\n');
}

/** Logins for apt's mirrors, where there are any. */
export function aptLogins() {
  return ['/etc/apt/auth.conf', ...inFolder('/etc/apt/auth.conf.d')].filter((file) => existsSync(file));
}

/** Those settings of npm that say how to reach the registry, and the certificates that they name. */
export function npmSettings() {
  const files = ['globalconfig', 'userconfig'].map((name) => must(['npm', 'config', 'get', name]).trim());
  const lines = files
    .filter((file) => existsSync(file))
    .flatMap((file) => readFileSync(file, 'utf8').split('\n'));
  const ofTheWay = lines.filter((line) =>
    /^(\/\/|@[^:]+:registry\b|registry\b|cafile\b|ca\b|(https?-)?proxy\b|noproxy\b|strict-ssl\b)/.test(
      line.trim(),
    ),
  );
  const certificates = must(['npm', 'config', 'get', 'cafile']).trim();
  return { lines: ofTheWay, certificates: existsSync(certificates) ? certificates : undefined };
}

/** Proxies that the environment names. */
export function proxyVariables(env = process.env) {
  return Object.entries(env).filter(([name]) => /^(https?|no|all)_proxy$/i.test(name));
}

function inFolder(folder) {
  return existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : [];
}
