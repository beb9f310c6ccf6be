import type { ContainerCreateOptions } from 'dockerode';
import { workDirectory } from '../paths.ts';
import { bootstrap } from './bootstrap.ts';

/** All in bytes but the counts. */
export interface ContainerLimits {
  readonly memory_bytes: number;
  /** 1 is one core. */
  readonly cpus: number;
  readonly pids: number;
  /** The work directory. It is in memory and counts as such. */
  readonly work_bytes: number;
  readonly tmp_bytes: number;
  /** The longest a single file may be. */
  readonly file_bytes: number;
  readonly open_files: number;
}

export const defaultLimits: ContainerLimits = {
  memory_bytes: 256 * 2 ** 20,
  cpus: 1,
  pids: 128,
  work_bytes: 128 * 2 ** 20,
  tmp_bytes: 32 * 2 ** 20,
  file_bytes: 128 * 2 ** 20,
  open_files: 1024,
};

export type ContainerKind = 'job' | 'pool' | 'sandbox';

export interface ContainerSpec {
  /** `tutti-<ulid>`. */
  readonly name: string;
  /** An image's id, so that no tag moves between the check and the start. */
  readonly image: string;
  /** User and group of its own: no two live containers share one. At least 10,000. */
  readonly uid: number;
  /** `none`, or the name of a network of ours. */
  readonly network: string;
  readonly limits: ContainerLimits;
  /** Where the image declares volumes: there it gets memory of bounded size instead. */
  readonly imageVolumes: readonly string[];
  readonly server: string;
  readonly kind: ContainerKind;
  /** Of a container that is made for one job; a parked one is bound in the database alone. */
  readonly job?: string;
  readonly expires: Date;
}

export const labels = {
  server: 'io.tutti.server',
  kind: 'io.tutti.kind',
  job: 'io.tutti.job',
  expires: 'io.tutti.expires',
} as const;

const minUid = 10_000;

/**
 * The hardened container that every job runs in, the only kind that is made: nothing of it comes from a caller but image, limits
 * and network, each already checked. The default seccomp and AppArmor profiles stay.
 */
export function containerOptions(spec: ContainerSpec): ContainerCreateOptions & { name: string } {
  if (!Number.isSafeInteger(spec.uid) || spec.uid < minUid)
    throw new Error(`a container needs a uid from ${minUid} on`);
  if (spec.network !== 'none' && !spec.network.startsWith('tutti-')) throw new Error('not a network of ours');
  const { limits } = spec;
  const marks = labelsOf(spec);
  return {
    name: spec.name,
    Image: spec.image,
    Entrypoint: ['/bin/sh', '-c', bootstrap],
    Cmd: [],
    User: `${spec.uid}:${spec.uid}`,
    WorkingDir: workDirectory,
    Env: [`HOME=${workDirectory}`],
    Labels: marks,
    Tty: false,
    OpenStdin: true,
    // A connection that breaks must not end the shell.
    StdinOnce: false,
    AttachStdin: true,
    AttachStdout: true,
    AttachStderr: true,
    StopTimeout: 1,
    Healthcheck: { Test: ['NONE'] },
    HostConfig: {
      Init: true,
      Privileged: false,
      AutoRemove: false,
      RestartPolicy: { Name: 'no' },
      NetworkMode: spec.network,
      PublishAllPorts: false,
      IpcMode: 'private',
      CapDrop: ['ALL'],
      CapAdd: [],
      GroupAdd: [],
      Devices: [],
      SecurityOpt: ['no-new-privileges:true'],
      ReadonlyRootfs: true,
      Memory: limits.memory_bytes,
      // The same as the memory: no swap.
      MemorySwap: limits.memory_bytes,
      NanoCpus: Math.round(limits.cpus * 1e9),
      PidsLimit: limits.pids,
      Ulimits: [
        { Name: 'nofile', Soft: limits.open_files, Hard: limits.open_files },
        { Name: 'fsize', Soft: limits.file_bytes, Hard: limits.file_bytes },
        { Name: 'core', Soft: 0, Hard: 0 },
      ],
      ShmSize: limits.tmp_bytes,
      Binds: [],
      Tmpfs: { '/tmp': `rw,exec,nosuid,nodev,size=${limits.tmp_bytes},mode=1777` },
      Mounts: [workVolume(spec, marks), ...spec.imageVolumes.filter(isElsewhere).map((path) => memoryAt(path, limits))],
      // It keeps what a job wrote past a crash of ours, within bounds.
      LogConfig: { Type: 'local', Config: { 'max-size': '16m', 'max-file': '3', compress: 'false' } },
    },
  };
}

/** The labels of ours, and nothing of a caller's but the job's id. */
function labelsOf(spec: ContainerSpec): Record<string, string> {
  return {
    [labels.server]: spec.server,
    [labels.kind]: spec.kind,
    ...(spec.job === undefined ? {} : { [labels.job]: spec.job }),
    [labels.expires]: spec.expires.toISOString(),
  };
}

type Mount = NonNullable<NonNullable<ContainerCreateOptions['HostConfig']>['Mounts']>[number];

/** A volume without a name goes with its container. Unlike a tmpfs mount it can be read and written from outside. */
function workVolume({ uid, limits }: ContainerSpec, marks: Record<string, string>): Mount {
  const o = `size=${limits.work_bytes},uid=${uid},gid=${uid},mode=0700,nosuid,nodev`;
  return {
    Type: 'volume',
    Source: '',
    Target: workDirectory,
    VolumeOptions: {
      NoCopy: true,
      Labels: marks,
      DriverConfig: { Name: 'local', Options: { type: 'tmpfs', device: 'tmpfs', o } },
    },
  };
}

function memoryAt(path: string, limits: ContainerLimits): Mount {
  return {
    Type: 'tmpfs',
    Source: '',
    Target: path,
    TmpfsOptions: { SizeBytes: limits.tmp_bytes, Mode: 0o1777 },
  } as Mount;
}

function isElsewhere(path: string): boolean {
  return path !== '/tmp' && path !== workDirectory;
}
