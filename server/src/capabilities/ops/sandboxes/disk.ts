import { noAuthority } from '../../../core/auth/authority.ts';
import { inTransaction } from '../../../core/db/database.ts';
import { AppError, envelope } from '../../../core/errors.ts';
import type { Engine } from '../docker/client.ts';
import { engineCall } from '../docker/failure.ts';
import { labels as ours } from '../runner/profile.ts';
import { overAllDisk, overDisk } from './limits.ts';
import { sandboxLabel } from './marks.ts';
import type { SandboxNeeds } from './needs.ts';
import { requestWork } from './request.ts';
import { isNamed } from './services.ts';
import { listOfEngine, noteDisk, type SandboxRow } from './store.ts';

/** What a sandbox holds on its engine, in bytes: its volumes, and what its containers wrote besides. */
interface Held {
  readonly volumes: number;
  readonly containers: number;
}

/** The parts that are used here of what the engine says of its disk. */
interface DiskUse {
  readonly Volumes?:
    | { Name: string; Labels: Record<string, string> | null; UsageData?: { Size: number } | null }[]
    | null;
  readonly Containers?:
    | {
        Names: string[];
        Labels: Record<string, string>;
        SizeRw?: number;
        Mounts?: { Type?: string; Name?: string }[] | null;
      }[]
    | null;
}

/** The engine goes through all files of all volumes: at most so much of the time. */
const share = 1 / 20;

/**
 * Looks now and then at what sandboxes hold, and stops those that hold more than they may. A volume of Docker's on an ordinary disk
 * has no size of its own, and one in memory would be lost at each stop.
 */
export function createDiskWatch(needs: SandboxNeeds): { look(): Promise<void> } {
  const { db, engine, installation, diskMb } = needs;
  let notBefore = 0;
  return {
    async look() {
      if (performance.now() < notBefore) return;
      const sandboxes = await listOfEngine(db, engine.name);
      if (sandboxes.length === 0) return;
      const docker = await engine.reach();
      const began = performance.now();
      const held = await measure(docker, await installation());
      notBefore = performance.now() + (performance.now() - began) / share;
      const bytes = ({ id }: SandboxRow) => sizeOf(held.get(id));
      for (const sandbox of sandboxes) {
        const found = { disk_bytes: bytes(sandbox), volume_bytes: held.get(sandbox.id)?.volumes ?? 0 };
        if (found.disk_bytes === sandbox.disk_bytes && found.volume_bytes === sandbox.volume_bytes) continue;
        await noteDisk(db, sandbox.id, found);
      }
      // Of one that failed to start some containers may run.
      const running = sandboxes
        .filter(({ status }) => ['running', 'failed'].includes(status))
        .sort((a, b) => bytes(b) - bytes(a));
      for (const sandbox of running) {
        if (bytes(sandbox) > sandbox.disk_mb * 2 ** 20)
          await stop(sandbox, overDisk(sandbox.name, bytes(sandbox), sandbox.disk_mb));
      }
      const all = [...held.values()].reduce((sum, one) => sum + sizeOf(one), 0);
      const [largest] = running;
      if (all > diskMb * 2 ** 20 && largest) await stop(largest, overAllDisk(all, diskMb));
    },
  };

  async function stop(sandbox: SandboxRow, error: AppError): Promise<void> {
    const work = { action: 'stop' as const, expiry: true, reason: envelope(error).error };
    try {
      await inTransaction(db, (tx) =>
        requestWork(tx, sandbox, work, { jobs: needs.jobs, place: needs.place, authority: noAuthority }),
      );
    } catch (caught) {
      // Somebody works on it: it is looked at again.
      if (!(caught instanceof AppError && caught.code === 'CONFLICT')) throw caught;
    }
  }
}

function sizeOf(held: Held | undefined): number {
  return (held?.volumes ?? 0) + (held?.containers ?? 0);
}

/** What each sandbox of an installation holds. Sizes are those of files as they look: one with holes counts in full. */
async function measure(engine: Engine, server: string): Promise<Map<string, Held>> {
  const { Volumes, Containers } = (await engineCall(engine, () => engine.docker.df())) as DiskUse;
  const held = new Map<string, Held>();
  const add = (labels: Record<string, string> | null, names: readonly string[], more: Partial<Held>) => {
    const id = labels?.[sandboxLabel];
    if (id === undefined || labels?.[ours.server] !== server || !names.some((name) => isNamed(name, id))) return;
    const { volumes, containers } = held.get(id) ?? { volumes: 0, containers: 0 };
    held.set(id, { volumes: volumes + (more.volumes ?? 0), containers: containers + (more.containers ?? 0) });
  };
  // -1: it could not be measured.
  const sizes = new Map((Volumes ?? []).map(({ Name, UsageData }) => [Name, Math.max(0, UsageData?.Size ?? 0)]));
  for (const { Name, Labels } of Volumes ?? []) add(Labels, [Name], { volumes: sizes.get(Name) ?? 0 });
  for (const { Names, Labels, SizeRw = 0, Mounts } of Containers ?? []) {
    // Those that its image declares bear no label, and go with the container.
    const nameless = (Mounts ?? []).flatMap(({ Name }) =>
      Name !== undefined && /^[0-9a-f]{64}$/.test(Name) ? [Name] : [],
    );
    const containers = nameless.reduce((sum, name) => sum + (sizes.get(name) ?? 0), SizeRw);
    add(
      Labels,
      Names.map((name) => name.replace('/', '')),
      { containers },
    );
  }
  return held;
}
