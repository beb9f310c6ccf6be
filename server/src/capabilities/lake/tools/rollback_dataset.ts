import { z } from 'zod';
import type { Authority } from '../../../core/auth/authority.ts';
import type { Db } from '../../../core/db/database.ts';
import type { JobEngine } from '../../../core/jobs/engine.ts';
import { tool } from '../../../core/tool.ts';
import { datasetId, versionName } from '../contract.ts';
import { noDataset } from '../errors.ts';
import { type IndexRow, listIndexes, serveRetired } from '../indexes/store.ts';
import type { IngestInput } from '../jobs/ingest-plan.ts';
import { versionOf } from '../objects.ts';
import { advanceDataset, lockDataset, setDatasetState } from '../store.ts';
import type { VersionRow } from '../versions/store.ts';

export const rollbackDataset = (jobs: JobEngine) =>
  tool({
    name: 'rollback_dataset',
    title: 'Roll back to a version',
    description:
      'Tutti lake: makes another version of a dataset the current one again. An index of it that is kept serves at once; for a target without one an ingest is started. Nothing is deleted: what is staged stays staged, and newer versions are rolled forward to in the same way. See list_versions first.',
    toolset: 'lake',
    effect: 'write',
    scope: 'lake:write',
    input: {
      dataset_id: datasetId,
      version: versionName,
      dry_run: z.boolean().default(false).describe('Only say what would change.'),
    },
    output: z.looseObject({
      version: z.string().describe('The version that is current now.'),
      previous_version: z.string().optional().describe('The one that was current; absent where it is the same.'),
      changed: z.boolean().describe('Whether another version became the current one, or would.'),
      served: z.array(z.string()).describe('Targets whose index serves this version now, or would.'),
      jobs: z.array(z.string()).describe('Jobs that build the indexes of the other targets.'),
    }),
    async run({ dataset_id, version, dry_run }, { db, authority }) {
      const row = await lockDataset(db, dataset_id);
      if (!row) throw noDataset(dataset_id);
      const wanted = await versionOf(db, row, version);
      const changed = row.version !== version;
      const indexes = await listIndexes(db, dataset_id);
      const answer = {
        version,
        ...(changed && row.version !== null && { previous_version: row.version }),
        changed,
      };
      if (dry_run) return { ...answer, served: servable(indexes, wanted), jobs: [] };
      if (changed) await advanceDataset(db, row.id, { version, bytes: wanted.bytes });
      const served = await serveRetired(db, row.id, wanted.manifest_id, { version, rollback: true });
      if (changed && served.length > 0) await setDatasetState(db, row.id, 'ingested');
      const missing = indexes.filter((index) => index.state === 'served' && !served.includes(index.target));
      return { ...answer, served, jobs: changed ? await build(db, jobs, authority, wanted, missing) : [] };
    },
  });

function servable(indexes: readonly IndexRow[], { manifest_id }: VersionRow): string[] {
  const kept = indexes.filter(({ state }) => state === 'served' || state === 'retired');
  return [...new Set(kept.filter((index) => index.manifest_id === manifest_id).map((index) => index.target))];
}

/** Starts an ingest of the version into each target, mapped as what the target serves now. */
async function build(
  tx: Db,
  jobs: JobEngine,
  authority: Authority,
  { dataset_id, version }: VersionRow,
  instead: readonly IndexRow[],
): Promise<string[]> {
  const ids: string[] = [];
  for (const { target, mapping, options } of instead) {
    const input = { dataset_id, target, version, mapping, options } satisfies IngestInput;
    ids.push((await jobs.enqueue(tx, { kind: 'lake.ingest', authority, datasetId: dataset_id, input })).id);
  }
  return ids;
}
