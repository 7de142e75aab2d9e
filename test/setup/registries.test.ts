import { describe, expect, it } from 'vitest';
import { parseSources } from '../../setup/clean-room/registries.mjs';

describe('sources of apt', () => {
  it('are read from one-line entries, options and comments aside', () => {
    const text = [
      '# deb http://mirror.example/old bookworm main',
      'deb http://mirror.example/debian bookworm main contrib # ours',
      'deb-src http://mirror.example/debian bookworm main',
      'deb [signed-by=/usr/share/keyrings/k.gpg arch=amd64] https://mirror.example/security bookworm-security main',
    ].join('\n');
    expect(parseSources(text, false)).toEqual([
      { uri: 'http://mirror.example/debian', suite: 'bookworm', components: ['main', 'contrib'] },
      { uri: 'https://mirror.example/security', suite: 'bookworm-security', components: ['main'] },
    ]);
  });

  it('are read from stanzas: several suites, comments between the fields, folded lines, one that is off', () => {
    const text = `Types: deb
# http://mirror.example/snapshot
URIs: http://mirror.example/debian
Suites: bookworm
 bookworm-updates
Components: main
Signed-By: /usr/share/keyrings/k.gpg

Types: deb
Enabled: no
URIs: http://mirror.example/off
Suites: bookworm
Components: main
`;
    expect(parseSources(text, true)).toEqual([
      { uri: 'http://mirror.example/debian', suite: 'bookworm', components: ['main'] },
      { uri: 'http://mirror.example/debian', suite: 'bookworm-updates', components: ['main'] },
    ]);
  });
});
