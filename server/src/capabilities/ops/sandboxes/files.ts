import { basename } from 'node:path/posix';
import type { Readable } from 'node:stream';
import { AppError } from '../../../core/errors.ts';
import { type InputFile, putFiles } from '../docker/archive-in.ts';
import { readArchive } from '../docker/archive-out.ts';
import type { Engine } from '../docker/client.ts';
import { engineCall } from '../docker/failure.ts';
import { noFile } from './errors.ts';

const maxRead = 1024 * 2 ** 20;

/** Puts files below a directory of a container, as those of its user. Throws FILE_NOT_FOUND where there is no such directory. */
export async function putInto(
  engine: Engine,
  id: string,
  directory: string,
  files: readonly InputFile[],
): Promise<void> {
  const { Config } = await engineCall(engine, () => engine.docker.getContainer(id).inspect());
  const uid = /^(\d{1,9})(?=:|$)/.exec(Config.User ?? '')?.[1] ?? '0';
  try {
    await putFiles(engine, id, { directory, uid: Number(uid) }, files);
  } catch (error) {
    // It tells a directory that is not there as it tells a container that is not.
    if (error instanceof AppError && error.code === 'CONTAINER_NOT_FOUND') throw noFile(directory);
    throw error;
  }
}

/** A piece of a plain file. Nothing is extracted, and no link is followed. Throws FILE_NOT_FOUND. */
export async function readFrom(
  engine: Engine,
  id: string,
  path: string,
  { offset, length }: { readonly offset: number; readonly length: number },
): Promise<{ readonly bytes: Buffer; readonly size: number }> {
  const archive = (await engineCall(
    engine,
    () => engine.docker.getContainer(id).getArchive({ path }),
    (status) => (status === 404 ? noFile(path) : undefined),
  )) as unknown as Readable;
  const name = basename(path);
  const { taken, skipped } = await readArchive(archive, {
    // The first entry is what was asked for; those of a directory are not looked at.
    caps: { maxEntries: 1, maxFiles: 1, maxReadBytes: maxRead, maxFileBytes: maxRead, maxTotalBytes: maxRead },
    wanted: (entry) => (entry === name ? 'file' : undefined),
    take: async ({ size }, body) => ({ bytes: await sliceOf(body, offset, length), size }),
  });
  const [file] = taken;
  if (!file) throw noFile(path, skipped[0]?.reason);
  return file;
}

async function sliceOf(body: Readable, offset: number, length: number): Promise<Buffer> {
  const parts: Buffer[] = [];
  let at = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    const [from, until] = [Math.max(0, offset - at), Math.min(chunk.length, offset + length - at)];
    if (until > from) parts.push(Buffer.from(chunk.subarray(from, until)));
    at += chunk.length;
    if (at >= offset + length) break;
  }
  return Buffer.concat(parts);
}
