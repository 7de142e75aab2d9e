/** The lab's swarm before and after each run: put back as it was, seen through the engines themselves. */
import type { Lab } from '../lab/lab.ts';
import { until } from '../lab/until.ts';
import { MANAGER } from './ground.ts';

const SERVICE = 'websky';
const PATIENCE_MS = 60_000;

interface Task {
  DesiredState: string;
  Status: { State: string };
}

interface Spec {
  Mode: { Replicated: { Replicas: number } };
}

/** The service of the story with this many tasks; created when there is none. Resolves when just these run. */
export async function resetService(lab: Lab, replicas: number, signal: AbortSignal): Promise<void> {
  const engine = lab.engine(MANAGER);
  const found = (await engine.listServices({ filters: { name: [SERVICE] } }))[0];
  if (found) {
    const { Version, Spec } = (await found_(lab).inspect()) as { Version: { Index: number }; Spec: Spec };
    await found_(lab).update({ ...Spec, version: Version.Index, Mode: { Replicated: { Replicas: replicas } } });
  } else {
    await engine.createService({
      Name: SERVICE,
      TaskTemplate: { ContainerSpec: { Image: 'my-apache2:latest' } },
      Mode: { Replicated: { Replicas: replicas } },
    });
  }
  await until(async () => (await tasks(lab)).length === replicas && (await running(lab)) === replicas, {
    what: `just ${replicas} tasks of ${SERVICE} to run`,
    within: PATIENCE_MS,
    every: 50,
    signal,
  });
}
