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
import { createDatabases } from './postgres/databases.ts';
import { createPostgresTarget } from './postgres.ts';

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
  const all: Target[] = [
    createLanceTarget({ engines, indexes, embedders, workDir }),
    createPostgresTarget(databases, engines),
    createParquetTarget({ db, engines, objects, workDir }),
  ];
  return {
    targets: new Map(all.map((target) => [target.name, target])),
    close: () => databases.close(),
    async flags(): Promise<Record<string, boolean>> {
      const lance = await enginesWork();
      const vectors = lance && (await embedders.answers());
      // Without our own database nobody could ask; the rows are read by the engines.
      return {
        'ingest.lance': lance,
        'ingest.postgres': lance,
        'ingest.parquet': lance,
        'ingest.weaviate': false,
        'search.text': lance,
        'search.vector': vectors,
        'search.hybrid': vectors,
      };
    },
  };
}
