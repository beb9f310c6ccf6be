import { hash } from 'node:crypto';
import { AppError } from '../../../core/errors.ts';
import { slicesOf } from '../embedder/vectors.ts';
import type { IndexRows } from '../engine/index-protocol.ts';
import type { EnginePool } from '../engine/pool.ts';
import { MAX_REJECTS } from '../engine/protocol.ts';
import type { Build, ObjectReject, Pointer, RowPart, StepOptions, Target } from '../jobs/target.ts';
import { refuseOptions } from './options.ts';
import {
  createBuild,
  deleteObjects,
  dropBuild,
  findBuild,
  indexBuild,
  insertRows,
  runOnce,
  stateOfBuild,
} from './postgres/build/store.ts';
import type { Databases } from './postgres/databases.ts';
import { searchBuild } from './postgres/search/store.ts';

/** A table, and how many steps of its build are done. Every build has a table of its own. */
interface PostgresPointer extends Pointer {
  readonly table: string;
  readonly step: number;
  /** Null for our own. */
  readonly database: string | null;
}

/** Records whose rows are one message of a child and one statement. */
const SLICE = 5000;
/** PostgreSQL takes 1600, some of which are ours. */
const MAX_COLUMNS = 1500;
const languages = ['english', 'simple'];

/** Tables with full text in PostgreSQL: our own, or one that the operator declared. Each step is one transaction with its note. */
export function createPostgresTarget(databases: Databases, engines: EnginePool): Target {
  const databaseOf = (options: Build['options']) => options.database as string | undefined;
  const languageOf = (options: Build['options']) => String(options.language ?? 'english');

  async function step<T>(build: Build, at: Pointer, work: Parameters<typeof runOnce<T>>[3]) {
    const { table, step: done } = at as PostgresPointer;
    const result = await databases.use(databaseOf(build.options), (db) => runOnce(db, table, done, work));
    if (result === undefined) throw takenOver();
    return { result, pointer: { ...at, step: done + 1 } };
  }

  return {
    name: 'postgres',
    incremental: true,
    check(_, options) {
      refuseOptions('postgres', options, ['database', 'language']);
      const { database, language } = options;
      if (database !== undefined && !databases.names.includes(String(database)))
        throw invalid('The operator declared no such database.', `Use one of: ${databases.names.join(', ')}.`);
      if (language !== undefined && !languages.includes(String(language)))
        throw invalid('There is no such language.', `Use one of: ${languages.join(', ')}.`);
    },
    begin(build, base) {
      if (build.columns.length > MAX_COLUMNS)
        throw invalid(`PostgreSQL takes no more than ${MAX_COLUMNS} columns.`, 'Use the target lance.');
      return databases.use(databaseOf(build.options), async (db) => {
        const from = base as PostgresPointer | undefined;
        const done = from && (await findBuild(db, from.table));
        if (from && done === undefined) return undefined;
        // A step may be done of which nobody wrote down that it is.
        if (from && from.table === build.id) return done === from.step || done === from.step + 1 ? from : undefined;
        await createBuild(db, build.id, build.columns, from?.table);
        return { table: build.id, step: 0, database: databaseOf(build.options) ?? null };
      });
    },
    async remove(build, at, keys) {
      const { result, pointer } = await step(build, at, async (tx) => ({
        deleted: await deleteObjects(tx, String(at.table), keys),
      }));
      return { pointer, ...result };
    },
    async write(build, at, parts, options) {
      const { result, pointer } = await step(build, at, async (tx) => {
        const counts = { inserted: 0, updated: 0, rejected: 0 };
        const rejects: ObjectReject[] = [];
        for await (const rows of rowsOf(build, parts, engines, options)) {
          const kept = lastOfEach(rows);
          const fresh = await insertRows(tx, String(at.table), build.columns, kept, languageOf(build.options));
          counts.inserted += fresh;
          counts.updated += rows.ids.length - fresh;
          counts.rejected += rows.rejected;
          rejects.push(...rows.rejects.slice(0, MAX_REJECTS - rejects.length));
          options.onProgress?.({ rows: counts.inserted + counts.updated + counts.rejected });
        }
        return { ...counts, rejects };
      });
      return { ...result, pointer };
    },
    async finish(build, at) {
      const { pointer } = await step(build, at, async (tx) => {
        await indexBuild(tx, String(at.table));
        return {};
      });
      return { pointer };
    },
    verify: (build, at, withChecksum, { signal }) =>
      databases.use(databaseOf(build.options), (db) => stateOfBuild(db, String(at.table), withChecksum, signal)),
    async probe(build, at, query) {
      const index = { id: build.id, dataset_id: build.datasetId, pointer: at, columns: [], options: {} };
      const search = { index, query, mode: 'text' as const, limit: 1, offset: 0 };
      const { items } = await databases.use(databaseOf(build.options), (db) =>
        searchBuild(db, String(at.table), search, languageOf(build.options)),
      );
      return items.length;
    },
    search(search) {
      const { pointer, options } = search.index;
      if (search.mode !== 'text')
        throw invalid('This index holds no vectors.', 'Use mode text, or the target lance with options.embedder.');
      return databases.use(databaseOf(options), async (db) => {
        const table = String(pointer?.table);
        if ((await findBuild(db, table)) === undefined) throw gone();
        return searchBuild(db, table, search, languageOf(options));
      });
    },
    async drop({ id, pointer }) {
      // Before its first step an index has no pointer, so that nobody knows where it was begun.
      const places = pointer
        ? [(pointer.database ?? undefined) as string | undefined]
        : [undefined, ...databases.names];
      for (const name of places) await databases.use(name, (db) => dropBuild(db, String(pointer?.table ?? id)));
    },
  };
}

async function* rowsOf(build: Build, parts: readonly RowPart[], engines: EnginePool, { signal }: StepOptions) {
  const { datasetId, columns, mapping } = build;
  for (const slice of slicesOf(parts, SLICE)) {
    const rows = await engines.run(
      'rows_of',
      { datasetId, columns, mapping, parts: slice, wantCells: true },
      { signal },
    );
    if (rows.ids.some((id) => id.includes('\0')))
      throw invalid(
        'PostgreSQL cannot hold the ids of this column.',
        'Map another column as id, or use the target lance.',
      );
    yield rows;
  }
}

/** Of rows with the same id the last one: one statement cannot write a row twice. */
function lastOfEach(rows: IndexRows): IndexRows & { idHashes: Buffer[] } {
  const last = new Map(rows.ids.map((id, at) => [id, at]));
  const kept = [...last.values()].sort((a, b) => a - b);
  const pick = <T>(list: readonly T[]) => (kept.length === list.length ? list : kept.map((at) => list[at] as T));
  const ids = pick(rows.ids);
  return {
    ids,
    idHashes: ids.map((id) => hash('sha256', id, 'buffer')),
    keys: pick(rows.keys),
    hashes: pick(rows.hashes),
    lines: pick(rows.lines),
    ordinals: pick(rows.ordinals),
    texts: pick(rows.texts),
    cells: rows.cells.map(pick),
  };
}

function invalid(message: string, suggestion: string): AppError {
  return new AppError('VALIDATION_FAILED', message, suggestion);
}

function takenOver(): AppError {
  return new AppError(
    'CONFLICT',
    'The table is not at this step of the build: another process goes on with it.',
    'See job_status for the other job, and start the ingest again if there is none.',
  );
}

function gone(): AppError {
  return new AppError(
    'NOT_SERVED',
    'The table of this index is not in its database any more.',
    'Build it anew with reindex; no backup holds it.',
  );
}
