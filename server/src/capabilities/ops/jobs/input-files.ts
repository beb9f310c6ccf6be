import { Readable } from 'node:stream';
import type { ObjectStore } from '../../../core/objects/object-store.ts';
import type { InputFileRef } from '../contract.ts';
import { putFiles } from '../docker/archive-in.ts';
import type { Engine } from '../docker/client.ts';
import { workDirectory } from '../paths.ts';

/** Streams a job's files from the object store into its work directory, one after the other. */
export async function putInputFiles(
  engine: Engine,
  containerId: string,
  uid: number,
  files: readonly InputFileRef[],
  objects: ObjectStore,
): Promise<void> {
  const bodies = files.map(({ path, sha256, size, executable }) => ({
    path,
    executable,
    body: { stream: Readable.from(bytesOf(sha256, objects)), size },
  }));
  await putFiles(engine, containerId, { directory: workDirectory, uid }, bodies);
}

/** Opened when its turn comes. */
async function* bytesOf(sha256: string, objects: ObjectStore): AsyncGenerator<Uint8Array> {
  yield* await objects.read(sha256);
}
