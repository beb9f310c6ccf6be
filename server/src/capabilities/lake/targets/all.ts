import path from 'node:path';
import type { Db } from '../../../core/db/database.ts';
import type { Logger } from '../../../core/log.ts';
import type { ObjectStore } from '../../../core/objects/object-store.ts';
import type { Settings } from '../../../core/settings.ts';
import { createEmbedders } from '../embedder/embedder.ts';
import type { EnginePool } from '../engine/pool.ts';
import type { IndexPlace } from '../index-place.ts';
import type { Target } from '../jobs/target.ts';
import { createLanceTarget } from './lance.ts';
import { createParquetTarget } from './parquet.ts';
import { createDatabases, type Databases } from './postgres/databases.ts';
import { createPostgresTarget } from './postgres.ts';
import { createInstances } from './weaviate/instances.ts';
import { createWeaviateTarget } from './weaviate.ts';

export interface AllTargetsNeeds {
  readonly db: Db;
  readonly engines: EnginePool;
  readonly objects: ObjectStore;
  readonly indexes: IndexPlace;
  readonly settings: Settings;
  readonly log: Logger;
  /** Whether the native engines load on this machine. */
  readonly enginesWork: () => Promise<boolean>;
}

/** Every target of this server by its name, and which features of them work now. */
export function createTargets({ db, engines, objects, indexes, settings, log, enginesWork }: AllTargetsNeeds) {
  const embedders = createEmbedders(db, settings);
  const workDir = path.join(settings.data_dir, 'targets');
  const databases = createDatabases(db, settings, log);
  const instances = createInstances(settings);
  const all: Target[] = [
    createLanceTarget({ engines, indexes, embedders, workDir }),
    createPostgresTarget({ databases, engines, embedders }),
    createParquetTarget({ db, engines, objects, workDir }),
    ...(instances.names.length > 0 ? [createWeaviateTarget({ instances, engines, embedders })] : []),
  ];
  return {
    targets: new Map(all.map((target) => [target.name, target])),
    close: async () => {
      await Promise.all([databases.close(), instances.close()]);
    },
    async flags(): Promise<Record<string, boolean>> {
      const lance = await enginesWork();
      const vectors = lance && (await embedders.answers());
      return {
        'ingest.lance': lance,
        // The rows are read by the engines.
        ...(await postgresFlags(databases, lance)),
        'ingest.parquet': lance,
        'ingest.weaviate': lance && (await instances.answer()),
        'search.text': lance,
        'search.vector': vectors,
        'search.hybrid': vectors,
      };
    },
  };
}

/** Our own database by the target's name, each that the operator declared by its own behind it. */
async function postgresFlags(databases: Databases, works: boolean): Promise<Record<string, boolean>> {
  const names = [undefined, ...databases.names];
  const found = await Promise.all(names.map((name) => databases.probe(name)));
  const flags = names.flatMap((name, at) => {
    const of = name === undefined ? 'postgres' : `postgres.${name}`;
    const { rows = false, vectors = false } = found[at] ?? {};
    return [
      [`ingest.${of}`, works && rows],
      [`vectors.${of}`, works && rows && vectors],
    ] as const;
  });
  return Object.fromEntries(flags);
}
