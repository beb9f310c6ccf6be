import { createHash } from 'node:crypto';

/**
 * Tells one engine from another, as a hash of what `docker info` says: its id, which clones of a disk and, before Docker 23, all
 * engines of a machine share, its machine, and where it keeps what it has.
 */
export function identityOf({ ID, Name, DockerRootDir }: Readonly<Record<string, unknown>>): string {
  return createHash('sha256')
    .update(JSON.stringify([ID, Name, DockerRootDir]))
    .digest('hex');
}

/** What orcaops_system_info shows of `docker info`. */
export function factsOf(info: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return {
    version: info.ServerVersion,
    containers: info.Containers,
    containers_running: info.ContainersRunning,
    containers_paused: info.ContainersPaused,
    containers_stopped: info.ContainersStopped,
    images: info.Images,
    os: info.OperatingSystem,
    kernel: info.KernelVersion,
    memory_bytes: info.MemTotal,
    cpus: info.NCPU,
    cgroup_version: info.CgroupVersion === undefined ? undefined : String(info.CgroupVersion),
    cgroup_driver: info.CgroupDriver,
    runtime: info.DefaultRuntime,
    storage_driver: info.Driver,
  };
}
