import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { pack as createPack } from 'tar-stream';
import { invalidPath, noContainer } from '../errors.ts';
import { checkFilePath } from '../paths.ts';
import type { Engine } from './client.ts';
import { engineCall } from './failure.ts';

/** A file for the work directory. Of a stream the size must be known before: that is how an archive begins. */
export interface InputFile {
  /** Below the work directory, such as `data/in.csv`. */
  readonly path: string;
  readonly body: Uint8Array | { readonly stream: Readable; readonly size: number };
  readonly executable?: boolean;
}

/**
 * Puts files into the work directory of a running container, owned by its user, streaming. Before it runs, what is put there
 * is lost: the volume is in memory and mounted with the container. Throws INVALID_PATH, CONTAINER_NOT_FOUND.
 */
export async function putFiles(
  engine: Engine,
  id: string,
  target: { readonly directory: string; readonly uid: number },
  files: readonly InputFile[],
): Promise<void> {
  if (files.length === 0) return;
  const paths = new Set<string>();
  for (const { path } of files) {
    checkFilePath(path);
    if (paths.has(path)) throw invalidPath(path, 'is given twice');
    paths.add(path);
  }
  const pack = createPack();
  const put = engineCall(
    engine,
    () =>
      engine.docker
        .getContainer(id)
        .putArchive(pack as unknown as NodeJS.ReadableStream, { path: target.directory, noOverwriteDirNonDir: 'true' }),
    (status) => (status === 404 ? noContainer(id) : undefined),
  );
  // Whichever fails ends the other.
  put.catch((error: Error) => pack.destroy(error));
  const [written, answered] = await Promise.allSettled([writeAll(pack, target.uid, files), put]);
  if (written.status === 'rejected' && answered.status === 'fulfilled') throw written.reason;
  if (answered.status === 'rejected') throw answered.reason;
}

type Pack = ReturnType<typeof createPack>;

async function writeAll(pack: Pack, uid: number, files: readonly InputFile[]): Promise<void> {
  try {
    const owner = { uid, gid: uid, mtime: new Date() };
    for (const name of directoriesOf(files)) pack.entry({ ...owner, name, type: 'directory', mode: 0o755 }, '');
    for (const { path: name, body, executable } of files) {
      const header = { ...owner, name, mode: executable ? 0o755 : 0o644 };
      if (body instanceof Uint8Array) pack.entry(header, Buffer.from(body));
      else await pipeline(body.stream, pack.entry({ ...header, size: body.size }) as unknown as NodeJS.WritableStream);
    }
    pack.finalize();
  } catch (error) {
    pack.destroy(error as Error);
    throw error;
  }
}

/** Every directory on the way to a file, the outer ones first. */
function directoriesOf(files: readonly InputFile[]): string[] {
  const names = new Set<string>();
  for (const { path } of files) {
    const parts = path.split('/').slice(0, -1);
    for (let depth = 1; depth <= parts.length; depth += 1) names.add(parts.slice(0, depth).join('/'));
  }
  return [...names].sort();
}
