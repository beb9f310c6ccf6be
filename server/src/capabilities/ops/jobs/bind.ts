import { ulid } from 'ulid';
import { inTransaction } from '../../../core/db/database.ts';
import {
  type ContainerRow,
  findContainerOf,
  findOrTakeParked,
  insertContainer,
  setContainerId,
} from '../containers/store.ts';
import type { Resources } from '../contract.ts';
import type { Engine } from '../docker/client.ts';
import {
  type ContainerState,
  inspectContainer,
  isAlive,
  removeContainer,
  startContainer,
} from '../docker/containers.ts';
import { ensureNetwork } from '../docker/networks.ts';
import type { FoundImage } from '../images/images.ts';
import { type PoolSpec, poolKey } from '../pool/key.ts';
import { type ContainerLimits, containerOptions, defaultLimits, labels } from '../runner/profile.ts';
import type { RunRow } from '../runs/store.ts';
import type { RunNeeds } from './needs.ts';

/** Beyond a job's timeout, for what may hold it up. */
const slackMs = 3_600_000;

/** The container that a run wants, as far as others want the same. */
export async function wantedContainer(
  engine: Engine,
  { spec }: RunRow,
  image: FoundImage,
  needs: RunNeeds,
): Promise<PoolSpec> {
  const server = await needs.installation();
  return {
    image: image.id,
    imageVolumes: image.volumes,
    network: spec.network === 'none' ? 'none' : await ensureNetwork(engine, server, spec.network),
    limits: limitsOf(spec.resources),
    server,
  };
}

/**
 * The row of a run's container: one that is parked, or a new one. It is there before the container is, so that no crash leaves one
 * that nobody knows, and before the script is sent, so that no two runs have the same.
 */
export async function bindContainer(run: RunRow, wanted: PoolSpec, { db, engine }: RunNeeds): Promise<ContainerRow> {
  const bound = {
    engine: engine.name,
    run_id: run.id,
    expires_at: new Date(Date.now() + run.spec.timeout * 1000 + slackMs),
  };
  const found = await findOrTakeParked(db, { ...bound, pool_key: poolKey(wanted) });
  return (
    found ??
    inTransaction(db, (tx) => insertContainer(tx, { ...bound, name: `tutti-${ulid().toLowerCase()}`, kind: 'job' }))
  );
}

/** The running container of a run whose script was not sent yet; made when missing. Throws IMAGE_NOT_FOUND, NO_SHELL. */
export async function ensureContainer(
  engine: Engine,
  run: RunRow,
  row: ContainerRow,
  wanted: PoolSpec,
  needs: RunNeeds,
): Promise<string> {
  const before = await inspectContainer(engine, row.name);
  if (before && isReady(before, run, row)) return before.id;
  // A parked one may have ended since.
  if (before) await removeContainer(engine, row.name);
  const { name, uid, expires_at: expires } = row;
  const id = await startContainer(
    engine,
    containerOptions({ ...wanted, name, uid, expires, kind: 'job', job: run.id }),
  );
  await inTransaction(needs.db, (tx) => setContainerId(tx, row.name, id));
  return id;
}

/** The container of a run whose script was sent; undefined when it is gone. */
export async function findDispatched(engine: Engine, run: RunRow, { db }: RunNeeds): Promise<string | undefined> {
  const row = await findContainerOf(db, run.id);
  return row && (await inspectContainer(engine, row.container_id ?? row.name))?.id;
}

/** Whether it runs and waits for the script of this run: made for it, or parked and bound to it by its row. */
function isReady(state: ContainerState, run: RunRow, row: ContainerRow): boolean {
  if (!isAlive(state) || state.status !== 'running') return false;
  if (state.labels[labels.job] === run.id) return true;
  return row.kind === 'pool' && row.container_id === state.id && state.labels[labels.kind] === 'pool';
}

function limitsOf({ memory_mb, cpus, pids, work_mb }: Resources): ContainerLimits {
  const work_bytes = work_mb * 2 ** 20;
  return { ...defaultLimits, memory_bytes: memory_mb * 2 ** 20, cpus, pids, work_bytes, file_bytes: work_bytes };
}
