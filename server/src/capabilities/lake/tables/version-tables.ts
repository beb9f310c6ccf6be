import path from 'node:path';
import { sha256 } from '../../../core/canonical.ts';
import { inParallel } from '../../../core/in-parallel.ts';
import type { JobContext } from '../../../core/jobs/handler.ts';
import type { ObjectStore } from '../../../core/objects/object-store.ts';
import type { ManifestObject } from '../contract.ts';
import { formatOf } from '../engine/formats.ts';
import type { EnginePool } from '../engine/pool.ts';
import type { EngineColumn, EngineObject, OnProgress, Reject } from '../engine/protocol.ts';
import { type VersionObjects, withEngineObjects } from '../jobs/version-objects.ts';
import type { HeldTable, TableCache } from './cache.ts';
import { mergeColumns } from './merge-columns.ts';

/** Counted up whenever the engine would make other tables of the same bytes. */
const readerVersion = 1;
const keptRejects = 10;
const batchBytes = 64 * 2 ** 20;
const batchObjects = 100;

export interface TableNeeds {
  readonly objects: ObjectStore;
  readonly engines: EnginePool;
  readonly tables: TableCache;
}

/** What a job keeps of an object's table. The table itself may go and is built again when it is next held. */
export interface ObjectTable {
  readonly object: ManifestObject;
  /** The types that were asked for; null where the object's own are those of all together. */
  readonly wanted: readonly EngineColumn[] | null;
  readonly columns: readonly EngineColumn[];
  readonly rows: number;
  readonly rejected: number;
  /** The first few; the table when it is held has more of them. */
  readonly rejects: readonly Reject[];
}

export interface VersionTables {
  /** The columns of all objects together. */
  readonly columns: readonly EngineColumn[];
  /** In the order of their keys. `columns` of each are its own, with the types of all together. */
  readonly tables: readonly ObjectTable[];
}

export interface TableOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: OnProgress;
}

/**
 * The table of an object, built from its pinned bytes when the cache lacks it. `columns` are the types that are wanted;
 * without them each column gets the narrowest one. Release it after.
 */
export function holdTable(
  of: Pick<VersionObjects, 'uri'>,
  object: ManifestObject,
  columns: readonly EngineColumn[] | null,
  needs: TableNeeds,
  options: TableOptions = {},
): Promise<HeldTable> {
  return needs.tables.hold(tableName(object, columns), (dir) =>
    withEngineObjects(of, [object], needs, ([local]) =>
      needs.engines.run('materialise', { object: local as EngineObject, dir, ...(columns && { columns }) }, options),
    ),
  );
}

/**
 * Reads every object of a version into its table, some of them a step; where objects disagree on a type, those that have
 * another one are read again. Columns of CSV in `texts` are texts, whatever they look like.
 */
export async function versionTables(
  context: JobContext,
  plan: VersionObjects,
  needs: TableNeeds,
  texts: ReadonlySet<string> = new Set(),
): Promise<VersionTables> {
  let done = 0;
  const read = async (name: string, wanted: readonly Wanted[]): Promise<ObjectTable[]> => {
    const found: ObjectTable[] = [];
    for (const [position, batch] of batches(wanted).entries()) {
      const tables = await context.step(
        `${name} ${position}`,
        () =>
          inParallel(batch, 2, (one) => {
            const onProgress = ({ rows }: { rows: number }) =>
              context.progress(found.length / plan.readable.length, { rows: done + rows });
            return readTable(plan, one, needs, { signal: context.signal, onProgress });
          }),
        { retries: 3, backoffMs: 500 },
      );
      found.push(...tables);
      for (const { rows } of tables) done += rows;
    }
    return found;
  };
  const own = await read(
    'read',
    plan.readable.map((object) => ({ object, wanted: null })),
  );
  const columns = mergeColumns(own.map((table) => table.columns));
  const types = new Map(columns.map(({ name, type }) => [name, type]));
  const differing = own.flatMap((table, at) => {
    const isCsv = formatOf(table.object.key, table.object.content_type) === 'csv';
    const wanted = table.columns.map(({ name, type }) => ({
      name,
      type: isCsv && texts.has(name) ? ('string' as const) : (types.get(name) ?? type),
    }));
    return wanted.every(({ type }, index) => type === table.columns[index]?.type) ? [] : [{ at, ...table, wanted }];
  });
  done = own.reduce((sum, { rows }) => sum + rows, 0) - differing.reduce((sum, { rows }) => sum + rows, 0);
  const again = await read('read again', differing);
  for (const [index, { at }] of differing.entries()) own[at] = again[index] as ObjectTable;
  return { columns, tables: own };
}

/** Runs `work` on tables that stay until it ends, in the order of `wanted`. */
export async function withTables<T>(
  of: Pick<VersionObjects, 'uri'>,
  wanted: readonly Wanted[],
  needs: TableNeeds,
  options: TableOptions,
  work: (tables: readonly HeldTable[]) => Promise<T>,
): Promise<T> {
  const held: HeldTable[] = [];
  try {
    await inParallel([...wanted.entries()], 2, async ([at, { object, wanted: columns }]) => {
      held[at] = await holdTable(of, object, columns, needs, options);
    });
    return await work(held);
  } finally {
    for (const table of held) table?.release();
  }
}

type Wanted = Pick<ObjectTable, 'object' | 'wanted'>;

async function readTable(
  plan: VersionObjects,
  { object, wanted }: Wanted,
  needs: TableNeeds,
  options: TableOptions,
): Promise<ObjectTable> {
  const { columns, rows, rejected, rejects, release } = await holdTable(plan, object, wanted, needs, options);
  release();
  return { object, wanted, columns, rows, rejected, rejects: rejects.slice(0, keptRejects) };
}

/** Objects that are read in one step: so many that small ones do not fill the journal, so few that a crash costs little. */
function batches<T extends Wanted>(wanted: readonly T[]): T[][] {
  const found: T[][] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const one of wanted) {
    if (bytes + one.object.size > batchBytes || (found.at(-1)?.length ?? 0) >= batchObjects) {
      found.push([]);
      bytes = 0;
    }
    found.at(-1)?.push(one);
    bytes += one.object.size;
  }
  return found;
}

/** Names a table by all that decides what is in it: the bytes, how they are read, and the types that are wanted. */
function tableName(object: ManifestObject, columns: readonly EngineColumn[] | null): string {
  const format = formatOf(object.key, object.content_type) ?? null;
  const tabs = path.basename(object.key).toLowerCase().replace(/\.gz$/, '').endsWith('.tsv');
  const reading = sha256([readerVersion, format, tabs, columns?.map(({ name, type }) => [name, type]) ?? null]);
  return `${object.sha256}-${reading.slice(0, 16)}`;
}
