import type { Readable } from 'node:stream';
import { type ArchiveCaps, readArchive, type Skipped, type TakenFiles } from '../docker/archive-out.ts';
import type { Engine } from '../docker/client.ts';
import { engineCall, statusOf } from '../docker/failure.ts';
import { noContainer } from '../errors.ts';
import { artifactPattern, baseOf, matchesPattern, workDirectory } from '../paths.ts';

export const defaultArtifactCaps: ArchiveCaps = {
  maxEntries: 20_000,
  maxReadBytes: 1024 * 2 ** 20,
  maxFiles: 1000,
  maxFileBytes: 256 * 2 ** 20,
  maxTotalBytes: 512 * 2 ** 20,
};

export interface ArtifactRequest<T> {
  /** As callers write them: `out/*.csv`, `/work/report`, `**`. */
  readonly patterns: readonly string[];
  readonly caps?: ArchiveCaps;
  /** Keeps the bytes of one file; its path is relative to the work directory and unique. */
  readonly take: (file: { readonly path: string; readonly size: number }, body: Readable) => Promise<T>;
}

export interface CollectedArtifacts<T> {
  readonly taken: T[];
  readonly skipped: Skipped[];
  /** Patterns of which nothing was there. */
  readonly unmatched: string[];
  readonly cut?: NonNullable<TakenFiles<T>['cut']>;
}

/**
 * Takes the files that match out of the work directory, while the container runs or is paused: afterwards they are gone.
 * Throws INVALID_PATH, CONTAINER_NOT_FOUND, and whatever `take` throws.
 */
export async function collectArtifacts<T>(
  engine: Engine,
  id: string,
  request: ArtifactRequest<T>,
  signal?: AbortSignal,
): Promise<CollectedArtifacts<T>> {
  const patterns = [...new Set(request.patterns.map(artifactPattern))];
  const caps = request.caps ?? defaultArtifactCaps;
  const seen = new Set<string>();
  const taken: T[] = [];
  const skipped: Skipped[] = [];
  const matched = new Set<string>();
  let cut: TakenFiles<T>['cut'];
  let bytes = 0;
  for (const base of outermost(patterns.map(baseOf))) {
    const archive = await openArchive(engine, id, base);
    if (!archive) continue;
    const stop = () => archive.destroy();
    signal?.addEventListener('abort', stop);
    if (signal?.aborted) stop();
    try {
      const found = await readArchive(archive, {
        caps: { ...caps, maxFiles: caps.maxFiles - taken.length, maxTotalBytes: caps.maxTotalBytes - bytes },
        seen,
        wanted: (name) => {
          const path = pathOf(base, name);
          const hits = patterns.filter((pattern) => matchesPattern(pattern, path));
          for (const hit of hits) matched.add(hit);
          return hits.length > 0 ? path : undefined;
        },
        take: (file, body) => {
          bytes += file.size;
          return request.take(file, body);
        },
      });
      taken.push(...found.taken);
      skipped.push(...found.skipped);
      cut ??= found.cut;
    } finally {
      signal?.removeEventListener('abort', stop);
    }
  }
  const unmatched = patterns.filter((pattern) => !matched.has(pattern));
  return { taken, skipped, unmatched, ...(cut ? { cut } : {}) };
}

/** Undefined where nothing of that name is. */
async function openArchive(engine: Engine, id: string, base: string): Promise<Readable | undefined> {
  const path = base === '' ? workDirectory : `${workDirectory}/${base}`;
  const container = engine.docker.getContainer(id);
  return (await engineCall(
    engine,
    () =>
      container.getArchive({ path }).catch((error) => {
        // 404 is told of a container that is not there as well.
        if (statusOf(error) === 404 && /could not find the file/i.test(String(error))) return undefined;
        throw error;
      }),
    (status) => (status === 404 ? noContainer(id) : undefined),
  )) as Readable | undefined;
}

/** An archive's names begin with the last part of what was asked for. */
function pathOf(base: string, name: string): string {
  const inside = name.split('/').slice(1).join('/').replace(/\/+$/, '');
  return [base, inside].filter((part) => part !== '').join('/');
}

/** Without those that lie in another one. */
function outermost(bases: readonly string[]): string[] {
  const all = [...new Set(bases)].sort((a, b) => a.length - b.length);
  return all.filter((base, at) => !all.slice(0, at).some((outer) => outer === '' || base.startsWith(`${outer}/`)));
}
