import { type Mount, memoryOf, volumeOf } from './mounts.ts';
import { type Port, portOf } from './ports.ts';
import { type Issue, Refused } from './read-yaml.ts';
import type { ComposeDocument, ComposeService } from './schema.ts';
import { bytesOf } from './sizes.ts';

/** The most that each service may have. */
export interface Limits {
  readonly maxMemoryBytes: number;
  readonly maxCpus: number;
  readonly maxPids: number;
}

/** What a document may ask for. */
export interface ComposePolicy extends Limits {
  /** What the template says that each service needs of the root's powers; compose's own lists are checked against it. */
  readonly capabilities: Readonly<Record<string, readonly string[]>>;
  /** The prefix that compose gives to names of networks and volumes; a resolved document may hold those names. */
  readonly project: string;
}

/** A service whose every part has been understood and allowed. */
export interface CheckedService {
  readonly image: string;
  readonly asked: ComposeService;
  readonly environment: Readonly<Record<string, string>>;
  readonly ports: readonly Port[];
  readonly mounts: readonly Mount[];
  readonly networks: Readonly<Record<string, readonly string[]>>;
  readonly dependsOn: Readonly<Record<string, string>>;
  readonly memoryBytes: number;
  readonly cpus: number;
  readonly pids: number;
  readonly capabilities: readonly string[];
}

export interface CheckedDocument {
  readonly services: Readonly<Record<string, CheckedService>>;
  /** Name, and whether nothing outside is reached from it. */
  readonly networks: Readonly<Record<string, boolean>>;
  readonly volumes: readonly string[];
}

/**
 * The powers of root that a template may leave to a service: what images need that begin as root, give their files to another user
 * and become it, and low ports.
 */
export const grantable = ['CHOWN', 'DAC_OVERRIDE', 'FOWNER', 'NET_BIND_SERVICE', 'SETGID', 'SETUID'] as const;

const defaults = { memoryBytes: 512 * 2 ** 20, cpus: 1, pids: 256 };
const minMemory = 6 * 2 ** 20;

/** Checks what a document says, part by part, and answers it in one form each. Throws Refused with all that is not allowed. */
export function checkDocument(document: ComposeDocument, policy: ComposePolicy): CheckedDocument {
  const issues: Issue[] = [];
  const refuse = (path: string, message: string) => void issues.push({ path, message });
  if (document.name !== undefined && document.name !== policy.project) refuse('name', 'is given by the server');
  const volumes = Object.keys(document.volumes ?? {});
  const networks: Record<string, boolean> = { default: false };
  for (const [kind, all] of [
    ['volumes', document.volumes],
    ['networks', document.networks],
  ] as const) {
    for (const [name, one] of Object.entries(all ?? {})) {
      if (one?.name !== undefined && one.name !== `${policy.project}_${name}`)
        refuse(`${kind}.${name}.name`, 'is given by the server');
    }
  }
  for (const [name, network] of Object.entries(document.networks ?? {})) networks[name] = network?.internal ?? false;
  const services = Object.fromEntries(
    Object.entries(document.services).map(([name, service]) => [
      name,
      checkService(service, {
        policy,
        granted: policy.capabilities[name] ?? [],
        services: new Set(Object.keys(document.services).filter((other) => other !== name)),
        networks: new Set(Object.keys(networks)),
        volumes: new Set(volumes),
        refuse: (path, message) => refuse(`services.${name}.${path}`, message),
      }),
    ]),
  );
  if (issues.length > 0) throw new Refused(issues.slice(0, 20));
  return { services, networks, volumes };
}

interface ServiceCheck {
  readonly policy: ComposePolicy;
  readonly granted: readonly string[];
  readonly services: ReadonlySet<string>;
  readonly networks: ReadonlySet<string>;
  readonly volumes: ReadonlySet<string>;
  readonly refuse: (path: string, message: string) => void;
}

function checkService(asked: ComposeService, check: ServiceCheck): CheckedService {
  const { policy, refuse } = check;
  const each = <In, Out>(path: string, items: readonly In[], read: (item: In) => Out | string): Out[] =>
    items.flatMap((item, at) => {
      const read_ = read(item);
      if (typeof read_ !== 'string') return [read_];
      refuse(`${path}.${at}`, read_);
      return [];
    });
  const known = (path: string, name: string, names: ReadonlySet<string>) => {
    if (!names.has(name)) refuse(`${path}.${name}`, 'is not in this document');
  };
  for (const capability of asked.cap_add ?? []) {
    if (!check.granted.includes(capability.replace(/^CAP_/, '')))
      refuse('cap_add', `${capability.slice(0, 40)} is not among the capabilities that the template names`);
  }
  const dependsOn = conditionsOf(asked.depends_on);
  for (const name of Object.keys(dependsOn)) known('depends_on', name, check.services);
  const networks = aliasesOf(asked.networks);
  for (const name of Object.keys(networks)) known('networks', name, check.networks);
  const memories = asked.tmpfs === undefined ? [] : [asked.tmpfs].flat();
  const mounts = [
    ...each('volumes', asked.volumes ?? [], (volume) => volumeOf(volume, check.volumes)),
    ...each('tmpfs', memories, memoryOf),
  ];
  if (new Set(mounts.map(({ target }) => target)).size < mounts.length)
    refuse('volumes', 'two of them are mounted at one path');
  if (asked.shm_size !== undefined && !((bytesOf(asked.shm_size) ?? Infinity) <= policy.maxMemoryBytes))
    refuse('shm_size', `is no size up to ${policy.maxMemoryBytes} bytes`);
  return {
    image: asked.image,
    asked,
    environment: environmentOf(asked.environment ?? {}),
    ports: each('ports', asked.ports ?? [], portOf),
    mounts,
    networks,
    dependsOn,
    memoryBytes: within(
      'mem_limit',
      sizeOf(asked.mem_limit),
      minMemory,
      policy.maxMemoryBytes,
      defaults.memoryBytes,
      refuse,
    ),
    cpus: within('cpus', numberOf(asked.cpus), 0.01, policy.maxCpus, defaults.cpus, refuse),
    pids: within('pids_limit', asked.pids_limit, 1, policy.maxPids, defaults.pids, refuse),
    capabilities: check.granted,
  };
}

function within(
  path: string,
  asked: number | undefined,
  least: number,
  most: number,
  otherwise: number,
  refuse: ServiceCheck['refuse'],
): number {
  if (asked === undefined) return Math.min(otherwise, most);
  if (asked >= least && asked <= most) return asked;
  refuse(path, `is not from ${least} to ${most}`);
  return least;
}

function sizeOf(size: string | number | undefined): number | undefined {
  return size === undefined ? undefined : (bytesOf(size) ?? Number.NaN);
}

function numberOf(value: string | number | undefined): number | undefined {
  return value === undefined ? undefined : Number(value);
}

function environmentOf(given: NonNullable<ComposeService['environment']>): Record<string, string> {
  const entries = Array.isArray(given)
    ? given.map((item) => [item.slice(0, item.indexOf('=')), item.slice(item.indexOf('=') + 1)])
    : Object.entries(given).map(([name, value]) => [name, String(value)]);
  return Object.fromEntries(entries);
}

function conditionsOf(given: ComposeService['depends_on'] = []): Record<string, string> {
  if (Array.isArray(given)) return Object.fromEntries(given.map((name) => [name, 'service_started']));
  return Object.fromEntries(Object.entries(given).map(([name, { condition }]) => [name, condition]));
}

function aliasesOf(given: ComposeService['networks']): Record<string, readonly string[]> {
  if (Array.isArray(given)) return Object.fromEntries(given.map((name) => [name, []]));
  return Object.fromEntries(
    Object.entries(given ?? { default: null }).map(([name, one]) => [
      name,
      (one && 'aliases' in one && one.aliases) || [],
    ]),
  );
}
