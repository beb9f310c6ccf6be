import { randomUUID } from 'node:crypto';
import { type Db, inTransaction } from '../../../core/db/database.ts';
import { AppError } from '../../../core/errors.ts';
import { inParallel } from '../../../core/in-parallel.ts';
import { keepFromCollector } from '../../../core/objects/holds/store.ts';
import type { ObjectStore } from '../../../core/objects/object-store.ts';
import { addChecksums } from '../engine/checksum.ts';
import type { EnginePool } from '../engine/pool.ts';
import {
  deleteExportFiles,
  type ExportFile,
  insertExportFiles,
  listExportFiles,
  sumExportFiles,
} from '../exports/store.ts';
import type { Build, Expected, Pointer, StepOptions, Target } from '../jobs/target.ts';
import { refuseOptions } from './options.ts';
import { withWorkDir } from './work-dir.ts';

/** How many steps of an export are done; what came after them is undone when it goes on. */
interface ParquetPointer extends Pointer {
  readonly step: number;
}

export interface ParquetNeeds {
  readonly db: Db;
  readonly engines: EnginePool;
  readonly objects: ObjectStore;
  /** Where files are put until the object store has them. */
  readonly workDir: string;
}

const defaultRowsPerFile = 1_000_000;
/** Files that the job itself names; `list_export_files` has all. */
const toldFiles = 20;
/** Files that are read back in one call. */
const verifiedAtOnce = 50;

/** Exports of all rows of a version as Parquet files of the object store, beside the exports before. */
export function createParquetTarget(needs: ParquetNeeds): Target {
  const { db, engines, workDir } = needs;
  return {
    name: 'parquet',
    incremental: false,
    check(mapping, options) {
      refuseOptions('parquet', options, ['partition_by', 'rows_per_file']);
      if (Object.values(mapping).every((named) => named === undefined) && !options.canary_queries) return;
      throw new AppError(
        'VALIDATION_FAILED',
        'An export holds every row as it is, and is not searched.',
        'Leave mapping and options.canary_queries out, or use the target lance or postgres.',
      );
    },
    async begin(build, base) {
      if (base) return base;
      await deleteExportFiles(db, build.id);
      return { step: 0 };
    },
    async remove() {
      throw new Error('an export is always whole');
    },
    write(build, at, parts, { signal }) {
      const { step } = at as ParquetPointer;
      return withWorkDir(workDir, async (dir) => {
        const { datasetId, columns, mapping, options } = build;
        const { files } = await engines.run(
          'export_rows',
          {
            ...{ datasetId, columns, mapping, parts, dir },
            prefix: `part-${String(step).padStart(5, '0')}`,
            partitionBy: (options.partition_by as string[] | undefined) ?? [],
            rowsPerFile: Number(options.rows_per_file ?? defaultRowsPerFile),
          },
          { signal },
        );
        await keep(build, step, files, needs);
        const inserted = files.reduce((sum, { rows }) => sum + rows, 0);
        return { pointer: { step: step + 1 }, inserted, updated: 0, rejected: 0, rejects: [] };
      });
    },
    finish: async (_, pointer) => ({ pointer }),
    verify: (build, _, withChecksum, options) => stateOf(build, withChecksum, needs, options),
    async describe({ id }) {
      const files = await listExportFiles(db, id, { limit: toldFiles });
      return { export: { ...(await sumExportFiles(db, id)), files } };
    },
    async drop({ id }) {
      await deleteExportFiles(db, id);
    },
  };
}

/** Pins the files and writes down what they are, in one transaction: until then the collector would take them. */
async function keep(
  build: Build,
  step: number,
  files: readonly { readonly file: string; readonly path: string; readonly bytes: number; readonly rows: number }[],
  { db, objects }: ParquetNeeds,
): Promise<void> {
  const staged = await inParallel(files, 4, ({ file }) => objects.stage(`export-${randomUUID()}`, { path: file }));
  try {
    await inTransaction(db, async (tx) => {
      await keepFromCollector(tx);
      await deleteExportFiles(tx, build.id, step);
      await inParallel(staged, 4, (one) => objects.pin(one));
      const rows = files.map(
        (file, at): ExportFile => ({ ...file, sha256: (staged[at] as (typeof staged)[number]).sha256 }),
      );
      await insertExportFiles(tx, build.id, step, rows);
    });
  } finally {
    await inParallel(staged, 4, ({ stagingKey }) => objects.discard(stagingKey));
  }
}

async function stateOf(
  build: Build,
  withChecksum: boolean,
  { db, engines, objects }: ParquetNeeds,
  { signal }: StepOptions,
): Promise<Expected> {
  let rows = 0;
  const checksums: string[] = [addChecksums()];
  for (let after: string | undefined; ; ) {
    const files = await listExportFiles(db, build.id, { after, limit: verifiedAtOnce });
    const last = files.at(-1);
    if (!last) return { rows, ...(withChecksum && { checksum: addChecksums(...checksums) }) };
    const local = await Promise.all(files.map(({ sha256 }) => objects.localFile(sha256)));
    try {
      const found = await engines.run('export_state', { files: local.map((file) => file.path) }, { signal });
      rows += found.rows;
      checksums.push(found.checksum);
    } finally {
      for (const file of local) file.release();
    }
    after = last.path;
  }
}
