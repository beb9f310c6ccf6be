import type { Collection, WeaviateClient } from 'weaviate-client';
import { AppError, untrusted } from '../../../core/errors.ts';
import type { Embedders } from '../embedder/embedder.ts';
import { slicesOf } from '../embedder/vectors.ts';
import type { EnginePool } from '../engine/pool.ts';
import { MAX_REJECT_TEXT, MAX_REJECTS } from '../engine/protocol.ts';
import { indexGone } from '../indexes/gone.ts';
import {
  type Build,
  type ObjectReject,
  type Pointer,
  planOf,
  type RowPart,
  type StepOptions,
  type Target,
  type Written,
} from '../jobs/target.ts';
import { refuseOptions } from './options.ts';
import { checkVectors, queryVector, spaceOf } from './query-vector.ts';
import { otherModel } from './vector-errors.ts';
import type { Instances } from './weaviate/instances.ts';
import { stateOf } from './weaviate/read.ts';
import { refusal } from './weaviate/refusal.ts';
import { toStored } from './weaviate/rows.ts';
import { collectionName, schemaOf } from './weaviate/schema.ts';
import { searchRows } from './weaviate/search.ts';
import { copyRows, notOverridden, putRows, type Refused, removeRows } from './weaviate/write.ts';

/**
 * A collection of an instance, and how many rows it has behind the steps that are written down. From these a step that
 * comes again tells what it added or removed, whatever the one that was cut off had done.
 */
interface WeaviatePointer extends Pointer {
  readonly instance: string;
  readonly collection: string;
  readonly rows: number;
  /** What its vectors can be compared with, and their size; absent where rows have none. */
  readonly space?: string;
  readonly dimensions?: number;
}

/** Records whose rows are one message of a child. */
const SLICE = 2000;
/** Weaviate keeps several indexes for each. */
const MAX_COLUMNS = 500;

export interface WeaviateNeeds {
  readonly instances: Instances;
  readonly engines: EnginePool;
  readonly embedders: Embedders;
}

/** Collections of Weaviate, one for each build; which one is served is for our database to say. */
export function createWeaviateTarget({ instances, engines, embedders }: WeaviateNeeds): Target {
  const instanceOf = (options: Build['options']) => String(options.instance ?? instances.names[0]);
  const embedderOf = (options: Build['options']) =>
    typeof options.embedder === 'string' ? embedders.get(options.embedder) : undefined;
  const at = <T>(
    pointer: Pointer,
    signal: AbortSignal,
    work: (rows: Collection, client: WeaviateClient) => Promise<T>,
  ) =>
    instances.use(String(pointer.instance), signal, (client) =>
      work(client.collections.use(String(pointer.collection)), client),
    );

  return {
    name: 'weaviate',
    incremental: true,
    check(mapping, options) {
      refuseOptions('weaviate', options, ['embedder', 'instance']);
      checkVectors(mapping, options);
      embedderOf(options);
      if (!instances.names.includes(instanceOf(options))) throw unknownInstance(instances.names);
    },
    begin(build, base, { signal }) {
      if (build.columns.length > MAX_COLUMNS) throw tooManyColumns();
      const instance = instanceOf(build.options);
      const vectors = spaceOf(embedderOf(build.options), build);
      const from = base as WeaviatePointer | undefined;
      // A copy between instances, or vectors of two models in one collection, would be no copy.
      if (from && (from.instance !== instance || from.space !== vectors?.space)) return Promise.resolve(undefined);
      return instances.use(instance, signal, async ({ collections }) => {
        const name = collectionName(build.id);
        if (from && !(await collections.exists(from.collection))) return undefined;
        if (from?.collection === name) return from;
        if (await collections.exists(name)) await collections.delete(name);
        await collections.createFromSchema(schemaOf(name, build.columns, vectors !== undefined));
        const pointer = { instance, collection: name, rows: 0, ...vectors };
        if (!from) return pointer;
        const made = collections.use(name);
        if (!(await copyRows(collections.use(from.collection), made, vectors !== undefined, signal))) return undefined;
        const { rows } = await stateOf(made, false, signal);
        return rows === from.rows ? { ...pointer, rows } : undefined;
      });
    },
    remove: (_, pointer, keys, { signal }) =>
      at(pointer, signal, async (collection) => {
        await removeRows(collection, keys, signal);
        const { rows } = await stateOf(collection, false, signal);
        return { pointer: { ...pointer, rows }, deleted: Number(pointer.rows) - rows };
      }),
    write: (build, pointer, parts, options) =>
      at(pointer, options.signal, (collection) => writeParts(collection, build, pointer, parts, options)),
    finish: async (_, pointer) => ({ pointer }),
    verify: (_, pointer, withChecksum, { signal }) =>
      at(pointer, signal, (collection) => stateOf(collection, withChecksum, signal)),
    async probe(build, pointer, query, { signal }) {
      const index = { id: build.id, dataset_id: build.datasetId, pointer, columns: [], options: {} };
      const search = { index, query, mode: 'text' as const, limit: 1, offset: 0 };
      const { items } = await at(pointer, signal, (collection) => searchRows(collection, search, undefined, signal));
      return items.length;
    },
    async search(search, { signal }) {
      const { id, pointer, options } = search.index;
      const vectors = { ...(pointer as Partial<WeaviatePointer> | null) };
      const vector =
        search.mode === 'text' ? undefined : await queryVector(search, embedderOf(options), vectors, signal);
      return at(pointer ?? {}, signal, async (collection) => {
        try {
          return await searchRows(collection, search, vector, signal);
        } catch (error) {
          const said = refusal(error, String(pointer?.instance), signal);
          const refused = said instanceof AppError && said.code === 'ENGINE_FAILED';
          if (refused && !(await collection.exists())) throw indexGone(id);
          throw said;
        }
      });
    },
    holds: ({ pointer }, { signal }) => at(pointer ?? {}, signal, (collection) => collection.exists()),
    async drop({ id, pointer }) {
      // Before its first step an index has no pointer, so that nobody knows where it was begun.
      const places = pointer ? [String(pointer.instance)] : instances.names;
      // What is on an instance that is not declared any more is out of our reach.
      const reached = places.filter((place) => instances.names.includes(place));
      const dropped = await Promise.allSettled(
        reached.map((name) =>
          instances.use(name, new AbortController().signal, async ({ collections }) => {
            const collection = String(pointer?.collection ?? collectionName(id));
            if (await collections.exists(collection)) await collections.delete(collection);
          }),
        ),
      );
      for (const one of dropped) if (one.status === 'rejected') throw one.reason;
    },
  };

  async function writeParts(
    collection: Collection,
    build: Build,
    pointer: Pointer,
    parts: readonly RowPart[],
    { signal, onProgress }: StepOptions,
  ): Promise<Written> {
    const { columns, mapping } = build;
    const embedder = embedderOf(build.options);
    if (embedder && embedder.space !== pointer.space) throw otherModel(embedder.name);
    let taken = 0;
    let rejected = 0;
    const rejects: ObjectReject[] = [];
    for (const slice of slicesOf(parts, SLICE)) {
      const rows = await engines.run('rows_of', { ...planOf(build), parts: slice, wantCells: true }, { signal });
      const vectors = embedder ? await embedder.embed(rows.texts, signal) : rows.vectors;
      const stored = toStored(columns, rows, vectors);
      // Only ids of the data can be those of another object's row.
      const put = mapping.id === undefined ? stored : await notOverridden(collection, stored, signal);
      const refused = await putRows(collection, put, signal);
      taken += rows.ids.length - refused.length;
      rejected += rows.rejected + refused.length;
      const some = [...rows.rejects, ...refused.map(toReject)];
      rejects.push(...some.slice(0, MAX_REJECTS - rejects.length));
      onProgress?.({ rows: taken + rejected });
    }
    const { rows } = await stateOf(collection, false, signal);
    const inserted = rows - Number(pointer.rows);
    return { pointer: { ...pointer, rows }, inserted, updated: taken - inserted, rejected, rejects };
  }
}

function toReject({ row: { properties }, message }: Refused): ObjectReject {
  const { text } = untrusted('weaviate', message, MAX_REJECT_TEXT - 1);
  const line = properties.line === undefined ? null : Number(properties.line);
  return { object_key: String(properties.object_key), line, reason: 'other', text };
}

function unknownInstance(names: readonly string[]): AppError {
  return new AppError(
    'VALIDATION_FAILED',
    'The operator declared no such Weaviate instance.',
    `Use one of: ${names.join(', ')}; or leave options.instance out.`,
  );
}

function tooManyColumns(): AppError {
  return new AppError(
    'VALIDATION_FAILED',
    `A collection of Weaviate takes no more than ${MAX_COLUMNS} columns here.`,
    'Use the target lance.',
  );
}
