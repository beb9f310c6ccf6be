import { randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { syncPath } from '../files.ts';
import { checkParts, noSuchParts, tooLarge, wrongSize } from './failures.ts';
import { createMeasure } from './hash.ts';
import type { ArrivedObject, PartTarget, StagedObject, UploadedPart, UploadTarget } from './object-store.ts';

/** Uploads in parts on disk: a directory each, a file for each part that is named `<number>-<size>-<etag>`. */
export interface DiskParts {
  begin(target: Pick<UploadTarget, 'id'>): Promise<string>;
  /** Writes the body of a part, durably, in place of one of the same number that came before. */
  receive(part: PartTarget, body: AsyncIterable<Uint8Array>): Promise<UploadedPart>;
  list(id: string, handle: string): Promise<UploadedPart[]>;
  complete(
    id: string,
    handle: string,
    wanted: readonly Pick<UploadedPart, 'number' | 'etag'>[],
  ): Promise<ArrivedObject>;
  abort(id: string, handle: string): Promise<void>;
  abortStale(before: Date): Promise<number>;
}

/** `stage` makes one staged object of bytes. */
export function createDiskParts(
  directory: string,
  maxBytes: number,
  stage: (id: string, body: AsyncIterable<Uint8Array>) => Promise<StagedObject>,
): DiskParts {
  const home = (id: string, handle: string) => path.join(directory, `${path.basename(id)}-${path.basename(handle)}`);

  async function namesIn(id: string, handle: string): Promise<string[]> {
    return readdir(home(id, handle)).catch(() => {
      throw noSuchParts();
    });
  }

  async function list(id: string, handle: string): Promise<UploadedPart[]> {
    const parts = (await namesIn(id, handle)).flatMap((name) => {
      const [, number, size, etag = ''] = /^(\d+)-(\d+)-([0-9a-f]{64})$/.exec(name) ?? [];
      return number === undefined ? [] : [{ number: Number(number), size: Number(size), etag }];
    });
    return parts.sort((a, b) => a.number - b.number);
  }

  return {
    list,
    async begin({ id }) {
      const handle = randomUUID();
      await mkdir(home(id, handle), { recursive: true, mode: 0o700 });
      return handle;
    },

    async receive({ id, handle, number, size }, body) {
      const draft = path.join(home(id, handle), `draft-${randomUUID()}`);
      await namesIn(id, handle);
      const measure = createMeasure(size ?? maxBytes, tooLarge);
      try {
        await pipeline(body, measure.stream, createWriteStream(draft, { flags: 'wx', mode: 0o600, flush: true }));
        const done = measure.result();
        if (size !== undefined && done.size !== size) throw wrongSize(size, done.size);
        const before = (await namesIn(id, handle)).filter((name) => name.startsWith(`${number}-`));
        const name = `${number}-${done.size}-${done.sha256}`;
        await rename(draft, path.join(home(id, handle), name));
        for (const old of before) if (old !== name) await rm(path.join(home(id, handle), old), { force: true });
        await syncPath(home(id, handle));
        return { number, size: done.size, etag: done.sha256 };
      } catch (error) {
        await rm(draft, { force: true });
        throw (error as NodeJS.ErrnoException).code === 'ENOENT' ? noSuchParts() : error;
      }
    },

    async complete(id, handle, wanted) {
      const arrived = await list(id, handle);
      checkParts(wanted, arrived, maxBytes);
      const sizes = new Map(arrived.map((part) => [part.number, part.size]));
      const files = wanted.map(({ number, etag }) =>
        path.join(home(id, handle), `${number}-${sizes.get(number)}-${etag}`),
      );
      const staged = await stage(id, joined(files));
      await rm(home(id, handle), { recursive: true, force: true });
      return { ...staged, receivedAt: new Date() };
    },

    abort: (id, handle) => rm(home(id, handle), { recursive: true, force: true }),

    async abortStale(before) {
      let aborted = 0;
      for (const name of await readdir(directory).catch(() => [])) {
        const found = await stat(path.join(directory, name)).catch(() => undefined);
        if (!found || found.birthtimeMs >= before.getTime()) continue;
        await rm(path.join(directory, name), { recursive: true, force: true });
        aborted += 1;
      }
      return aborted;
    },
  };
}

async function* joined(files: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const file of files) yield* createReadStream(file) as AsyncIterable<Uint8Array>;
}
