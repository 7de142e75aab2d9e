/** What a host with a wrong clock sees, without a clock to set: the lab's hosts share the machine's. */
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { connect, createServer } from 'node:tls';
import type { Lab } from '../../../lab/lab.ts';
import { hostPaths } from '../../../lab/state.ts';
import { until } from '../../../lab/until.ts';
import { inDays, makeAuthority, makeCertificate, redated, type Signed } from './certificates.ts';

/** Gives the swarm of a manager another certificate authority, whose key is then known, and waits until all have it. */
export async function takeAuthority(lab: Lab, manager: string): Promise<Signed> {
  const authority = makeAuthority();
  const engine = lab.engine(manager);
  interface State {
    Version: { Index: number };
    Spec: { CAConfig?: object };
    RootRotationInProgress: boolean;
  }
  const { Version, Spec } = (await engine.swarmInspect()) as State;
  const CAConfig = {
    ...Spec.CAConfig,
    SigningCACert: authority.certificate,
    SigningCAKey: authority.key,
  };
  await engine.swarmUpdate({ version: Version.Index, ...Spec, CAConfig });
  await until(async () => !((await engine.swarmInspect()) as State).RootRotationInProgress, {
    what: `the swarm of ${manager} to change its authority`,
    within: 30_000,
    every: 100,
  });
  return authority;
}

/**
 * A manager as a host sees it whose clock is a day behind: its certificate begins tomorrow. It passes everything else on
 * to the true one.
 */
export async function managerOfTomorrow(
  lab: Lab,
  manager: string,
  authority: Signed,
): Promise<{ address: string; close: () => Promise<void> }> {
  const { key, certificate } = makeCertificate(authority, {
    subject: { unit: 'swarm-manager', name: 'manager' },
    // The name under which a host looks for an authority (swarmkit, ca.CARole).
    names: ['swarm-ca', 'swarm-manager'],
    from: inDays(1),
    to: inDays(90),
  });
  const server = createServer({ key, cert: certificate, ALPNProtocols: ['h2'] }, (near) => {
    const far = connect({
      host: lab.host(manager).address,
      port: 2377,
      rejectUnauthorized: false,
      ALPNProtocols: ['h2'],
    });
    near.pipe(far).pipe(near);
    near.on('error', () => far.destroy()).on('close', () => far.destroy());
    far.on('error', () => near.destroy());
  });
  server.on('tlsClientError', () => {});
  server.listen(0, lab.bridgeAddress);
  await once(server, 'listening');
  return {
    address: `${lab.bridgeAddress}:${(server.address() as AddressInfo).port}`,
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      await closed;
    },
  };
}

/** A node that was off until its certificate had run out: its engine is started again with one that ended yesterday. */
export async function wakesTooLate(lab: Lab, host: string, authority: Signed): Promise<void> {
  const path = `${hostPaths(lab.dir, host).dataRoot}/swarm/certificates/swarm-node.crt`;
  await lab.faults.engineStops(host);
  await writeFile(path, redated(authority, await readFile(path, 'utf8'), inDays(-91), inDays(-1)));
  await lab.faults.engineStarts(host);
}
