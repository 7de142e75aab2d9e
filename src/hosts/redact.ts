import { hideSecrets } from '../hide-secrets.ts';

/** Longest engine text that is passed on: a whole sentence of any engine fits, a page of HTML does not. */
const LONGEST = 600;

/**
 * An engine's or sshd's own words, fit to be shown and logged: what looks like a secret taken out, control
 * characters made spaces, trimmed and cut to a sane length.
 */
export function redact(text: string): string {
  const plain = hideSecrets(text)
    // oxlint-disable-next-line no-control-regex -- taking them out is the point
    .replace(/[\u0000-\u001f\u007f-\u009f]+/g, ' ')
    .trim();
  return plain.length > LONGEST ? `${plain.slice(0, LONGEST)}...` : plain;
}
