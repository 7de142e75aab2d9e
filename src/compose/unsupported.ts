/** What the compose specification knows and a stack cannot have: named, never silently left out. Pure. */

/** `refused`: without it the services would be something else than the file says. `ignored`: they run all the same. */
export interface Unsupported {
  /** `services.web.links`. */
  path: string;
  why: string;
  verdict: 'ignored' | 'refused';
}

const RESOURCES = 'set it under deploy.resources';
const CONTAINERS_ONLY = 'Swarm has no such setting for the containers of a service';
const OWN_NAMES = 'a service has many containers, and Swarm names them';
const PULL = 'nodes pull an image when they lack it';
const NO_FILES = 'a file on somebody’s own machine cannot be had from chat';

type Why = string | { why: string; verdict: 'ignored' };
const ignored = (why: string): Why => ({ why, verdict: 'ignored' });

/** By place, with * for any name or entry. A plain text is why it is refused. */
export const UNSUPPORTED: { place: string; keys: Record<string, Why> }[] = [
  {
    place: '',
    keys: {
      include: NO_FILES,
      models: CONTAINERS_ONLY,
    },
  },
  {
    place: 'services.*',
    keys: {
      annotations: ignored(CONTAINERS_ONLY),
      attach: ignored('nobody is attached to a stack'),
      blkio_config: CONTAINERS_ONLY,
      build: ignored('a stack runs images that are there already'),
      cgroup: CONTAINERS_ONLY,
      cgroup_parent: CONTAINERS_ONLY,
      cgroupns_mode: CONTAINERS_ONLY,
      container_name: ignored(OWN_NAMES),
      cpu_count: RESOURCES,
      cpu_percent: RESOURCES,
      cpu_period: RESOURCES,
      cpu_quota: RESOURCES,
      cpu_rt_period: RESOURCES,
      cpu_rt_runtime: RESOURCES,
      cpu_shares: RESOURCES,
      cpus: RESOURCES,
      cpuset: RESOURCES,
      credential_spec: 'Swarmkeeper sets up no Windows accounts',
      depends_on: ignored(
        'all services start at once; a task that needs another one is tried again until it is there',
      ),
      develop: ignored('it is for building on one’s own machine'),
      device_cgroup_rules: CONTAINERS_ONLY,
      devices: CONTAINERS_ONLY,
      domainname: ignored(CONTAINERS_ONLY),
      env_file: `${NO_FILES}: write the variables under environment`,
      expose: ignored('services on one network reach each other on every port'),
      extends: `${NO_FILES}: write the service out`,
      external_links: 'attach the service to the other one’s network, declared as external',
      gpus: 'reserve them with deploy.resources.reservations.generic_resources',
      ipc: CONTAINERS_ONLY,
      label_file: `${NO_FILES}: write the labels under labels`,
      links: ignored('services on one network reach each other by their names'),
      mac_address: 'Swarm gives the addresses',
      mem_limit: RESOURCES,
      mem_reservation: RESOURCES,
      mem_swappiness: RESOURCES,
      memswap_limit: RESOURCES,
      models: CONTAINERS_ONLY,
      network_mode: 'name the network under networks; the host’s own as an external network called host',
      oom_kill_disable: CONTAINERS_ONLY,
      oom_score_adj: ignored('only the newest engines know it for services'),
      pid: CONTAINERS_ONLY,
      pids_limit: 'set deploy.resources.limits.pids',
      platform: ignored('use deploy.placement.constraints with node.platform.arch'),
      post_start: CONTAINERS_ONLY,
      pre_stop: CONTAINERS_ONLY,
      privileged: CONTAINERS_ONLY,
      profiles: 'a stack has no profiles: leave the service out, or the profile',
      provider: CONTAINERS_ONLY,
      pull_policy: ignored(PULL),
      pull_refresh_after: ignored(PULL),
      runtime: CONTAINERS_ONLY,
      scale: 'set deploy.replicas',
      security_opt: CONTAINERS_ONLY,
      shm_size: 'mount a tmpfs at /dev/shm with the size',
      storage_opt: CONTAINERS_ONLY,
      use_api_socket: CONTAINERS_ONLY,
      userns_mode: CONTAINERS_ONLY,
      uts: CONTAINERS_ONLY,
      volume_driver: 'set the driver of the volume under volumes',
      volumes_from: 'declare a volume under volumes and mount it in both services',
    },
  },
  {
    place: 'services.*.healthcheck',
    keys: { start_interval: ignored('only the newest engines know it') },
  },
  {
    place: 'services.*.deploy.resources.reservations',
    keys: { devices: 'reserve them with generic_resources' },
  },
  {
    place: 'services.*.ports.*',
    keys: {
      app_protocol: ignored('it only describes'),
      host_ip: 'Swarm publishes a port on every address of its nodes',
      name: ignored('it only describes'),
    },
  },
  {
    place: 'services.*.volumes.*',
    keys: { image: 'only the newest engines know it' },
  },
  {
    place: 'services.*.volumes.*.bind',
    keys: {
      create_host_path: ignored('a folder that is missing on a node keeps its task from starting'),
      recursive: CONTAINERS_ONLY,
      selinux: CONTAINERS_ONLY,
    },
  },
  {
    place: 'services.*.volumes.*.volume',
    keys: { labels: ignored('set the labels under volumes'), subpath: 'only the newest engines know it' },
  },
  {
    place: 'services.*.networks.*',
    keys: {
      gw_priority: ignored(CONTAINERS_ONLY),
      interface_name: CONTAINERS_ONLY,
      ipv4_address: 'Swarm gives the addresses',
      ipv6_address: 'Swarm gives the addresses',
      link_local_ips: 'Swarm gives the addresses',
      mac_address: 'Swarm gives the addresses',
      priority: ignored(CONTAINERS_ONLY),
    },
  },
  {
    place: 'networks.*',
    keys: { enable_ipv4: CONTAINERS_ONLY },
  },
  { place: 'networks.*.ipam', keys: { options: 'Swarmkeeper sets subnets only' } },
  { place: 'networks.*.ipam.config.*', keys: { aux_addresses: 'Swarmkeeper sets subnets only' } },
  {
    place: 'configs.*',
    keys: {
      environment: 'nobody has an environment in chat: write it under content',
      file: `${NO_FILES}: write it under content`,
    },
  },
  {
    place: 'secrets.*',
    keys: {
      content:
        'a secret must not go through chat: create it with "docker secret create" and declare it external',
      driver: 'create it with "docker secret create" and declare it external',
      driver_opts: 'create it with "docker secret create" and declare it external',
      environment: 'create it with "docker secret create" and declare it external',
      file: 'create it with "docker secret create" and declare it external',
      template_driver: 'create it with "docker secret create" and declare it external',
    },
  },
];

/** Everything in the file that is not supported, in the order of the file. */
export function unsupported(file: unknown): Unsupported[] {
  const found: Unsupported[] = [];
  for (const { place, keys } of UNSUPPORTED) {
    for (const { path, value } of at(file, place ? place.split('.') : [], '')) {
      for (const [key, entry] of Object.entries(value)) {
        const why = Object.hasOwn(keys, key) ? keys[key] : undefined;
        if (why === undefined || !says(key, entry)) continue;
        const where = path ? `${path}.${key}` : key;
        if (typeof why === 'string') found.push({ path: where, why, verdict: 'refused' });
        else found.push({ path: where, ...renamed(key, entry, why) });
      }
    }
  }
  return found;
}

/** `privileged: false` and an empty list ask for nothing. */
function says(key: string, entry: unknown): boolean {
  if (entry === false || entry === null) return false;
  if (key === 'profiles' || Array.isArray(entry)) return !Array.isArray(entry) || entry.length > 0;
  return true;
}

/** A link under another name is a name that nothing would answer to. */
function renamed(
  key: string,
  entry: unknown,
  why: { why: string; verdict: 'ignored' },
): { why: string; verdict: 'ignored' | 'refused' } {
  const other =
    key === 'links' && Array.isArray(entry) && entry.some((link) => /^(.+):(?!\1$)/.test(String(link)));
  return other
    ? { why: 'give the other service that name as an alias of its network', verdict: 'refused' }
    : why;
}

/** The mappings at a place, each with its path. */
function at(
  value: unknown,
  place: string[],
  path: string,
): { path: string; value: Record<string, unknown> }[] {
  if (typeof value !== 'object' || value === null) return [];
  const [part, ...rest] = place;
  if (part === undefined)
    return Array.isArray(value) ? [] : [{ path, value: value as Record<string, unknown> }];
  const entries = Object.entries(value).filter(([key]) => part === '*' || key === part);
  return entries.flatMap(([key, entry]) => at(entry, rest, path ? `${path}.${key}` : key));
}
