import { AppError } from '../../../core/errors.ts';
import type { Embedder, Embedders } from '../embedder/embedder.ts';
import type { EnginePool } from '../engine/pool.ts';
import { MAX_REJECTS } from '../engine/protocol.ts';
import { indexGone } from '../indexes/gone.ts';
import type { Build, ObjectReject, Pointer, Search, Target } from '../jobs/target.ts';
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
import { embedAll, lastOfEach, rowsOf } from './postgres/rows.ts';
import { type Near, searchBuild } from './postgres/search/store.ts';
import {
  addVectors,
  findPgvector,
  indexVectors,
  makePgvector,
  vectorText,
  vectorType,
} from './postgres/vectors/store.ts';
import { checkVectors, queryVector, spaceOf } from './query-vector.ts';
import { otherModel } from './vector-errors.ts';

/** A table, and how many steps of its build are done. Every build has a table of its own. */
interface PostgresPointer extends Pointer {
  readonly table: string;
  readonly step: number;
  /** Null for our own. */
  readonly database: string | null;
  /** What its vectors can be compared with, and their size; absent where rows have none. */
  readonly space?: string;
  readonly dimensions?: number;
  /** Whether its vectors have an index. */
  readonly indexed?: boolean;
}

export interface PostgresNeeds {
  readonly databases: Databases;
  readonly engines: EnginePool;
  readonly embedders: Embedders;
}

/** PostgreSQL takes 1600, some of which are ours. */
const MAX_COLUMNS = 1500;
const languages = ['english', 'simple'];

/**
 * Tables with full text in PostgreSQL, and with vectors where it has pgvector: our own, or one that the operator declared.
 * Each step is one transaction with its note.
 */
export function createPostgresTarget({ databases, engines, embedders }: PostgresNeeds): Target {
  const databaseOf = (options: Build['options']) => options.database as string | undefined;
  const embedderOf = (options: Build['options']): Embedder | undefined =>
    typeof options.embedder === 'string' ? embedders.get(options.embedder) : undefined;
  const languageOf = (options: Build['options']) => String(options.language ?? 'english');

  async function step<T>(build: Build, at: Pointer, work: Parameters<typeof runOnce<T>>[3]) {
    const { table, step: done } = at as PostgresPointer;
    const result = await databases.use(databaseOf(build.options), (db) => runOnce(db, table, done, work));
    if (result === undefined) throw takenOver();
    return { result, pointer: { ...at, step: done + 1 } };
  }

  /** What a search looks near to; undefined when it has no words to be near to. */
  async function nearOf(search: Search, signal: AbortSignal): Promise<Omit<Near, 'pgvector'> | undefined> {
    const { space, dimensions, indexed = false } = { ...(search.index.pointer as Partial<PostgresPointer> | null) };
    const index = space === undefined || dimensions === undefined ? {} : { space, dimensions };
    const vector = await queryVector(search, embedderOf(search.index.options), index, signal);
    return vector && { vector, dimensions: dimensions as number, indexed };
  }

  return {
    name: 'postgres',
    incremental: true,
    async check(mapping, options) {
      refuseOptions('postgres', options, ['database', 'language', 'embedder']);
      checkVectors(mapping, options);
      const { database, language } = options;
      if (database !== undefined && !databases.names.includes(String(database)))
        throw invalid('The operator declared no such database.', `Use one of: ${databases.names.join(', ')}.`);
      if (language !== undefined && !languages.includes(String(language)))
        throw invalid('There is no such language.', `Use one of: ${languages.join(', ')}.`);
      // One that is away may well take vectors: the job will see.
      const wanted = embedderOf(options) ?? mapping.vector;
      if (wanted && (await databases.probe(databaseOf(options)))?.vectors === false) throw noPgvector();
    },
    begin(build, base) {
      if (build.columns.length > MAX_COLUMNS)
        throw invalid(`PostgreSQL takes no more than ${MAX_COLUMNS} columns.`, 'Use the target lance.');
      return databases.use(databaseOf(build.options), async (db) => {
        const from = base as PostgresPointer | undefined;
        const done = from && (await findBuild(db, from.table));
        if (from && done === undefined) return undefined;
        const vectors = spaceOf(embedderOf(build.options), build);
        // Vectors of two models in one table could not be compared.
        if (from && from.space !== vectors?.space) return undefined;
        // A step may be done of which nobody wrote down that it is.
        if (from && from.table === build.id) return done === from.step || done === from.step + 1 ? from : undefined;
        const pgvector = vectors && (await makePgvector(db));
        if (vectors && !pgvector) throw noPgvector();
        await createBuild(db, build.id, build.columns, from?.table, async (tx) => {
          if (pgvector) await addVectors(tx, build.id, pgvector, vectors.dimensions);
        });
        return { table: build.id, step: 0, database: databaseOf(build.options) ?? null, ...vectors };
      });
    },
    async remove(build, at, keys) {
      const { result, pointer } = await step(build, at, async (tx) => ({
        deleted: await deleteObjects(tx, String(at.table), keys),
      }));
      return { pointer, ...result };
    },
    async write(build, at, parts, options) {
      const embedder = embedderOf(build.options);
      if (embedder && embedder.space !== at.space) throw otherModel(embedder.name);
      // The endpoint takes its time: by the time of the transaction its answers are known.
      if (embedder) await embedAll(build, embedder, parts, engines, options);
      const { result, pointer } = await step(build, at, async (tx) => {
        const { dimensions } = at as PostgresPointer;
        const pgvector = dimensions === undefined ? undefined : await findPgvector(tx);
        if (dimensions !== undefined && !pgvector) throw noPgvector();
        const counts = { inserted: 0, updated: 0, rejected: 0 };
        const rejects: ObjectReject[] = [];
        for await (const rows of rowsOf(build, parts, engines, dimensions ?? 0, options)) {
          const kept = lastOfEach(rows);
          const found = embedder ? await embedder.embed(kept.texts, options.signal) : kept.vectors;
          const vectors = pgvector &&
            found && { texts: found.map(vectorText), type: vectorType(pgvector, dimensions as number) };
          const fresh = await insertRows(tx, String(at.table), build.columns, kept, languageOf(build.options), vectors);
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
    async finish(build, at, _, { signal }) {
      const { dimensions } = at as PostgresPointer;
      const indexed = await databases.use(databaseOf(build.options), async (db) => {
        const pgvector = dimensions === undefined ? undefined : await findPgvector(db);
        return pgvector ? indexVectors(db, String(at.table), pgvector, dimensions as number, signal) : false;
      });
      const { pointer } = await step(build, at, async (tx) => {
        await indexBuild(tx, String(at.table));
        return {};
      });
      return { pointer: indexed ? { ...pointer, indexed } : pointer };
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
    async search(search, { signal }) {
      const { id, pointer, options } = search.index;
      const near = search.mode === 'text' ? undefined : await nearOf(search, signal);
      return databases.use(databaseOf(options), async (db) => {
        const table = String(pointer?.table);
        if ((await findBuild(db, table)) === undefined) throw indexGone(id);
        const pgvector = near && (await findPgvector(db));
        if (near && !pgvector) throw noPgvector();
        return searchBuild(db, table, search, languageOf(options), pgvector && { ...near, pgvector });
      });
    },
    holds: ({ id, pointer }) =>
      databases.use((pointer?.database ?? undefined) as string | undefined, async (db) => {
        return (await findBuild(db, String(pointer?.table ?? id))) !== undefined;
      }),
    async drop({ id, pointer }) {
      // Before its first step an index has no pointer, so that nobody knows where it was begun.
      const places = pointer
        ? [(pointer.database ?? undefined) as string | undefined]
        : [undefined, ...databases.names];
      for (const name of places) await databases.use(name, (db) => dropBuild(db, String(pointer?.table ?? id)));
    },
  };
}

function invalid(message: string, suggestion: string): AppError {
  return new AppError('VALIDATION_FAILED', message, suggestion);
}

function noPgvector(): AppError {
  return invalid(
    'The database has no pgvector of version 0.7 or later, and none that could be made there.',
    'Ask the operator to install it, name another database by options.database, or use the target lance.',
  );
}

function takenOver(): AppError {
  return new AppError(
    'CONFLICT',
    'The table is not at this step of the build: another process goes on with it.',
    'See job_status for the other job, and start the ingest again if there is none.',
  );
}
