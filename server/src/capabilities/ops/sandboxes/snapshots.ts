import type { Db } from '../../../core/db/database.ts';
import { AppError } from '../../../core/errors.ts';
import type { Engine } from '../docker/client.ts';
import { engineCall, statusOf } from '../docker/failure.ts';
import { inspectImage } from '../docker/images.ts';
import { noSnapshot, notRunning } from './errors.ts';
import { type Marks, serviceLabel, snapshotLabel } from './marks.ts';
import { containersOf } from './services.ts';
import {
  deleteSnapshot,
  findSnapshot,
  finishSnapshot,
  listSnapshotsOf,
  type SandboxRow,
  type SnapshotRow,
} from './store.ts';

/** The name of a snapshot's image, which jobs can run. */
export function imageOf(snapshotId: string, sandbox: string): string {
  return `tutti-snapshot/${sandbox.replace(/[_-]+$/, '').replace(/(_|-){2,}/g, '-')}:${snapshotId.replaceAll('_', '-')}`;
}

/**
 * Keeps what a service's container has written, its volumes aside, as an image of this engine. Generated values in its environment
 * are emptied, and so are the labels by which containers are known: of the image, containers may be made that are none of the sandbox.
 */
export async function makeSnapshot(
  snapshotId: string,
  marks: Marks,
  secrets: readonly string[],
  engine: Engine,
  db: Db,
): Promise<SnapshotRow> {
  const snapshot = await findSnapshot(db, snapshotId);
  if (!snapshot) throw noSnapshot(snapshotId);
  const before = await inspectImage(engine, snapshot.image);
  if (before) return finishSnapshot(db, snapshotId, { image_id: before.id, size_bytes: before.size_bytes });
  const found = (await containersOf(engine, marks)).find(({ Labels }) => Labels[serviceLabel] === snapshot.service);
  if (!found) throw notRunning(snapshot.sandbox, snapshot.service);
  const container = engine.docker.getContainer(found.Id);
  const { Config } = await engineCall(engine, () => container.inspect());
  const holding = Config.Env.filter((entry) => secrets.some((value) => entry.includes(value)));
  const [repo, tag] = snapshot.image.split(':');
  await engineCall(engine, () =>
    container.commit({
      repo,
      tag,
      pause: true,
      Env: holding.map((entry) => entry.slice(0, entry.indexOf('=') + 1)),
      Labels: {
        ...Object.fromEntries(
          Object.keys(found.Labels)
            .filter(isMark)
            .map((label) => [label, '']),
        ),
        [snapshotLabel]: snapshotId,
      },
    }),
  );
  const image = await inspectImage(engine, snapshot.image);
  if (!image) throw new AppError('DOCKER_REFUSED', 'The engine made no image.', 'Call orcaops_snapshot_sandbox again.');
  return finishSnapshot(db, snapshotId, { image_id: image.id, size_bytes: image.size_bytes });
}

function isMark(label: string): boolean {
  return label.startsWith('io.tutti.') || label.startsWith('com.docker.compose.');
}

/** Removes the image of a snapshot, if it is the one that was made, and forgets it. */
export async function removeSnapshot(snapshot: SnapshotRow, engine: Engine, db: Db): Promise<void> {
  const found = await inspectImage(engine, snapshot.image);
  if (found && (snapshot.image_id === null || found.id === snapshot.image_id)) {
    await engineCall(engine, () =>
      engine.docker
        .getImage(snapshot.image)
        // The name goes at once, the image with the last container of it.
        .remove({ force: true })
        .catch((error) => {
          if (statusOf(error) !== 404) throw error;
        }),
    );
  }
  await deleteSnapshot(db, snapshot.id);
}

export async function removeSnapshotsOf(sandbox: SandboxRow, engine: Engine, db: Db): Promise<void> {
  for (const snapshot of await listSnapshotsOf(db, sandbox.id)) await removeSnapshot(snapshot, engine, db);
}
