import type { ContainerInspectInfo } from 'dockerode';

/** How it stands. Times are left out while they mean nothing, which the engine tells by the year 1. */
export function shownState({ State }: ContainerInspectInfo) {
  const at = (time: string) => (time.startsWith('0001-') ? undefined : time);
  const [started, finished] = [at(State.StartedAt), at(State.FinishedAt)];
  return {
    status: State.Status as string,
    running: State.Running,
    exit_code: State.Running ? null : State.ExitCode,
    oom_killed: State.OOMKilled,
    ...(started !== undefined && { started_at: started }),
    ...(finished !== undefined && !State.Running && { finished_at: finished }),
  };
}

/** Its networks and the ports of the machine that lead to it. */
export function shownNetwork({ HostConfig, NetworkSettings }: ContainerInspectInfo) {
  const ports = Object.entries(NetworkSettings.Ports ?? {}).flatMap(([port, hosts]) =>
    (hosts ?? []).map(({ HostIp, HostPort }) => ({ container_port: port, host: HostIp, host_port: Number(HostPort) })),
  );
  return {
    mode: HostConfig.NetworkMode ?? 'default',
    networks: Object.entries(NetworkSettings.Networks ?? {}).map(([name, { IPAddress }]) => ({
      name,
      ip_address: IPAddress,
    })),
    ports,
  };
}

/** What it may use; what is not limited is left out. */
export function shownLimits({ HostConfig }: ContainerInspectInfo) {
  const { Memory = 0, NanoCpus = 0, PidsLimit } = HostConfig;
  return {
    ...(Memory > 0 && { memory_mb: Memory / 2 ** 20 }),
    ...(NanoCpus > 0 && { cpus: NanoCpus / 1e9 }),
    ...((PidsLimit ?? 0) > 0 && { pids: PidsLimit as number }),
  };
}
