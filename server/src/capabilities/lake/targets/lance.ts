import { AppError } from '../../../core/errors.ts';
import type { Embedder, Embedders } from '../embedder/embedder.ts';
import { withVectors } from '../embedder/vectors.ts';
import type { EnginePool } from '../engine/pool.ts';
import type { IndexPlace } from '../index-place.ts';
import { indexGone } from '../indexes/gone.ts';
import { type Build, lineageOf, type Pointer, planOf, type StepOptions, type Target } from '../jobs/target.ts';
import { refuseOptions } from './options.ts';
import { checkVectors, queryVector, spaceOf } from './query-vector.ts';
import { otherModel } from './vector-errors.ts';

/** A version of a LanceDB table. Builds that go on from one another share the table, their `lineage`. */
interface LancePointer extends Pointer {
  readonly lineage: string;
  readonly version: number;
  /** What its vectors can be compared with, and their size; absent where rows have none. */
  readonly space?: string;
  readonly dimensions?: number;
}

export interface LanceNeeds {
  readonly engines: EnginePool;
  readonly indexes: IndexPlace;
  readonly embedders: Embedders;
  /** Where files are put for a moment that are too large for a message. */
  readonly workDir: string;
}

/** Search indexes of LanceDB. All of the work but the embedding is done in a child: this process never loads it. */
export function createLanceTarget({ engines, indexes, embedders, workDir }: LanceNeeds): Target {
  const at = (build: Build, pointer: Pointer) => {
    const { lineage, version } = pointer as LancePointer;
    return { index: indexes(build.datasetId, lineage), at: version };
  };
  const moved = (pointer: Pointer, version: number): LancePointer => ({ ...(pointer as LancePointer), version });
  const embedderOf = (options: Build['options']): Embedder | undefined =>
    typeof options.embedder === 'string' ? embedders.get(options.embedder) : undefined;

  return {
    name: 'lance',
    incremental: true,
    check(mapping, options) {
      refuseOptions('lance', options, ['embedder']);
      checkVectors(mapping, options);
      embedderOf(options);
    },
    async begin(build, base, options) {
      const { id, datasetId, columns } = build;
      const vectors = spaceOf(embedderOf(build.options), build);
      // Vectors of two models in one table could not be compared.
      if (base && (base as LancePointer).space !== vectors?.space) return undefined;
      const lineage = base ? (base as LancePointer).lineage : id;
      const on = base ? { base: (base as LancePointer).version } : {};
      const size = vectors ? { dimensions: vectors.dimensions } : {};
      const { version } = await engines.run(
        'index_begin',
        { index: indexes(datasetId, lineage), columns, ...on, ...size },
        options,
      );
      return version === null ? undefined : { lineage, version, ...vectors };
    },
    async remove(build, pointer, keys, options) {
      const { version, deleted } = await engines.run('index_remove', { ...at(build, pointer), keys }, options);
      return { pointer: moved(pointer, version), deleted };
    },
    async write(build, pointer, parts, options) {
      const plan = planOf(build);
      const input = { ...at(build, pointer), ...plan, parts };
      const embedder = embedderOf(build.options);
      if (embedder && embedder.space !== (pointer as LancePointer).space) throw otherModel(embedder.name);
      const { version, ...written } = await (embedder
        ? withVectors(embedder, plan, parts, { engines, workDir }, options.signal, (vectors) =>
            engines.run('index_write', { ...input, vectors }, options),
          )
        : engines.run('index_write', input, options));
      return { ...written, pointer: moved(pointer, version) };
    },
    async finish(build, pointer, keep, options) {
      const { lineage } = pointer as LancePointer;
      const same = keep.filter((other) => other.lineage === lineage).map((other) => (other as LancePointer).version);
      const { version } = await engines.run('index_finish', { ...at(build, pointer), keep: same }, options);
      return { pointer: moved(pointer, version) };
    },
    verify: (build, pointer, withChecksum, options) =>
      engines.run('index_state', { ...at(build, pointer), withChecksum }, options),
    async probe(build: Build, pointer: Pointer, query: string, options: StepOptions) {
      const { items } = await engines.run(
        'search',
        { ...at(build, pointer), query, mode: 'text', limit: 1, offset: 0 },
        options,
      );
      return items.length;
    },
    async search(search, options) {
      const { index, query, mode, filter, limit, offset } = search;
      const { id, dataset_id, pointer } = index;
      const vectors = { ...(pointer as Partial<LancePointer> | null) };
      const vector =
        mode === 'text' ? undefined : await queryVector(search, embedderOf(index.options), vectors, options.signal);
      const searching = engines.run(
        'search',
        {
          index: indexes(dataset_id, lineageOf(pointer, id)),
          ...(typeof pointer?.version === 'number' && { at: pointer.version }),
          query,
          mode,
          ...(vector && { vector }),
          limit,
          offset,
          ...(filter && { filter }),
        },
        options,
      );
      return searching.catch((error) => {
        throw isMissing(error) ? indexGone(id) : error;
      });
    },
    async holds({ id, dataset_id, pointer }, options) {
      const index = indexes(dataset_id, lineageOf(pointer, id));
      if (typeof pointer?.version !== 'number') return true;
      try {
        await engines.run('index_state', { index, at: pointer.version, withChecksum: false }, options);
        return true;
      } catch (error) {
        if (isMissing(error)) return false;
        throw error;
      }
    },
    async drop({ id, dataset_id, pointer }, shared) {
      // What only this version needs of a shared table goes with the next build's old versions.
      if (shared) return;
      const lineage = pointer ? (pointer as LancePointer).lineage : id;
      await engines.run('drop_index', { index: indexes(dataset_id, lineage) });
    },
  };
}

const isMissing = (error: unknown) => error instanceof AppError && error.code === 'NOT_FOUND';
