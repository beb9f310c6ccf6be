import type { Readable } from 'node:stream';
import type { ContainerStats } from 'dockerode';
import type { Engine } from './client.ts';
import { readJsonLines } from './json-lines.ts';

/** What a container has used since it began. */
export interface ResourceUsage {
  readonly cpu_seconds: number;
  readonly memory_peak_bytes: number;
  readonly network_rx_bytes: number;
  readonly network_tx_bytes: number;
  readonly disk_read_bytes: number;
  readonly disk_write_bytes: number;
}

export interface UsageWatch {
  /** The newest figures; undefined before the first, which takes the engine one or two seconds. */
  latest(): ResourceUsage | undefined;
  stop(): void;
}

/** Follows the engine's figures of a container, one a second. Nothing fails for want of them. */
export function watchUsage(engine: Engine, id: string): UsageWatch {
  let latest: ResourceUsage | undefined;
  let stream: Readable | undefined;
  let stopped = false;
  const follow = async () => {
    stream = (await engine.docker.getContainer(id).stats({ stream: true })) as Readable;
    if (stopped) stream.destroy();
    for await (const stats of readJsonLines<ContainerStats>(stream)) {
      const figures = usageOf(stats);
      // After the end comes one of zeros.
      if (figures.cpu_seconds > 0) latest = merge(latest, figures);
    }
  };
  follow().catch(() => undefined);
  return {
    latest: () => latest,
    stop() {
      stopped = true;
      stream?.destroy();
    },
  };
}

/** One sample in our words. Engines on cgroup v2 tell no peak: the highest sample stands for it. */
function usageOf(stats: ContainerStats): ResourceUsage {
  const memory = stats.memory_stats as { usage?: number; max_usage?: number } | undefined;
  const networks = Object.values(stats.networks ?? {});
  const io = (op: string) =>
    (stats.blkio_stats?.io_service_bytes_recursive ?? [])
      .filter((entry) => entry.op.toLowerCase() === op)
      .reduce((sum, entry) => sum + entry.value, 0);
  return {
    cpu_seconds: (stats.cpu_stats?.cpu_usage?.total_usage ?? 0) / 1e9,
    memory_peak_bytes: Math.max(memory?.max_usage ?? 0, memory?.usage ?? 0),
    network_rx_bytes: networks.reduce((sum, network) => sum + network.rx_bytes, 0),
    network_tx_bytes: networks.reduce((sum, network) => sum + network.tx_bytes, 0),
    disk_read_bytes: io('read'),
    disk_write_bytes: io('write'),
  };
}

function merge(before: ResourceUsage | undefined, now: ResourceUsage): ResourceUsage {
  return { ...now, memory_peak_bytes: Math.max(before?.memory_peak_bytes ?? 0, now.memory_peak_bytes) };
}
