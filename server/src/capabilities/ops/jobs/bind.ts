import { ulid } from 'ulid';
import { inTransaction } from '../../../core/db/database.ts';
import { type ContainerRow, findContainerOf, insertContainer, setContainerId } from '../containers/store.ts';
import type { Resources } from '../contract.ts';
import type { Engine } from '../docker/client.ts';
import {
  type ContainerState,
  inspectContainer,
  isAlive,
  removeContainer,
  startContainer,
} from '../docker/containers.ts';
import { inspectImage } from '../docker/images.ts';
import { ensureNetwork } from '../docker/networks.ts';
import { noImage } from '../errors.ts';
import { type ContainerLimits, containerOptions, defaultLimits, labels } from '../runner/profile.ts';
import type { RunRow } from '../runs/store.ts';
import type { RunNeeds } from './needs.ts';

/** Beyond a job's timeout, for what may hold it up. */
const slackMs = 3_600_000;

/** The row of a run's container; it is there before the container is, so that no crash leaves one that nobody knows. */
export function bindContainer(run: RunRow, { db, engine }: RunNeeds): Promise<ContainerRow> {
  return inTransaction(
    db,
    async (tx) =>
      (await findContainerOf(tx, run.id)) ??
      insertContainer(tx, {
        name: `tutti-${ulid().toLowerCase()}`,
        engine: engine.name,
        kind: 'job',
        run_id: run.id,
        expires_at: new Date(Date.now() + run.spec.timeout * 1000 + slackMs),
      }),
  );
}

/** The running container of a run whose script was not sent yet; made when missing. Throws IMAGE_NOT_FOUND, NO_SHELL. */
export async function ensureContainer(
  engine: Engine,
  run: RunRow,
  row: ContainerRow,
  needs: RunNeeds,
): Promise<{ readonly id: string; readonly environment: RunRow['environment'] }> {
  const { spec } = run;
  const image = await inspectImage(engine, spec.image);
  if (!image) throw noImage(spec.image);
  const version = needs.engine.version();
  const environment = {
    image_digest: image.digests[0] ?? image.id,
    ...(version !== undefined && { docker_version: version }),
  };
  const before = await inspectContainer(engine, row.name);
  if (before && isOf(before, run.id)) return { id: before.id, environment };
  if (before) await removeContainer(engine, row.name);
  const installation = await needs.installation();
  const id = await startContainer(
    engine,
    containerOptions({
      name: row.name,
      image: image.id,
      uid: row.uid,
      network: spec.network === 'none' ? 'none' : await ensureNetwork(engine, installation, spec.network),
      limits: limitsOf(spec.resources),
      imageVolumes: image.volumes,
      server: installation,
      kind: 'job',
      job: run.id,
      expires: row.expires_at,
    }),
  );
  await inTransaction(needs.db, (tx) => setContainerId(tx, row.name, id));
  return { id, environment };
}

/** The container of a run whose script was sent; undefined when it is gone. */
export async function findDispatched(engine: Engine, row: ContainerRow): Promise<string | undefined> {
  return (await inspectContainer(engine, row.container_id ?? row.name))?.id;
}

function isOf(state: ContainerState, runId: string): boolean {
  return isAlive(state) && state.status === 'running' && state.labels[labels.job] === runId;
}

function limitsOf({ memory_mb, cpus, pids, work_mb }: Resources): ContainerLimits {
  const work_bytes = work_mb * 2 ** 20;
  return { ...defaultLimits, memory_bytes: memory_mb * 2 ** 20, cpus, pids, work_bytes, file_bytes: work_bytes };
}
