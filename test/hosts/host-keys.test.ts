import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { notingHostKeys, type HostKeys } from '../../src/host-keys.ts';
import { openHosts } from '../../src/hosts/inventory.ts';
import { noSshd, startSshd, type OwnSshd } from './own-sshd.ts';

describe.skipIf(noSshd)(`host keys ${noSshd}`, () => {
  let sshd: OwnSshd;
  beforeAll(async () => {
    sshd = await startSshd();
  });
  afterAll(() => sshd?.stop());

  test('are noted for the work that speaks with the host, over a connection that others share', async () => {
    const { settings } = sshd;
    const hosts = openHosts([settings]);
    const [first, second, none]: HostKeys[] = [{}, {}, {}];
    const ask = () => hosts.host(settings.name).run(['true']);
    await Promise.all([
      notingHostKeys(first ?? {}, ask),
      notingHostKeys(none ?? {}, async () => await Promise.resolve(hosts.host(settings.name).address)),
    ]);
    await notingHostKeys(second ?? {}, ask);
    await ask();
    await hosts.close();
    const known = execFileSync('ssh-keygen', ['-lf', settings.ssh.knownHosts], { encoding: 'utf8' });
    const [fingerprint = ''] = /SHA256:\S+/.exec(known) ?? [];
    expect(fingerprint).not.toBe('');
    expect(first).toEqual({ [settings.name]: fingerprint });
    expect(second).toEqual(first);
    expect(none).toEqual({});
  });
});
