import { z } from 'zod';
import { AppError } from '../../../core/errors.ts';
import type { JobEngine } from '../../../core/jobs/engine.ts';
import { jobSchema } from '../../../core/jobs/job.ts';
import { toJob } from '../../../core/jobs/store.ts';
import { tool } from '../../../core/tool.ts';
import { datasetId } from '../contract.ts';
import type { Targets } from '../indexes/drop.ts';
import type { IngestInput } from '../jobs/ingest-plan.ts';
import { enqueueIngest } from '../jobs/start-ingest.ts';
import type { Target } from '../jobs/target.ts';
import { dataset } from '../objects.ts';

const mapping = z
  .strictObject({
    id: z
      .string()
      .min(1)
      .optional()
      .describe('Column that identifies a row; a later row of the same id replaces the earlier.'),
    text: z
      .array(z.string().min(1))
      .min(1)
      .max(100)
      .optional()
      .describe('Columns to search; by default all text columns.'),
    vector: z
      .string()
      .min(1)
      .optional()
      .describe(
        'Column of vectors: lists of numbers of one length, for search_dataset with vector (lance, postgres, weaviate).',
      ),
  })
  .describe('What the columns mean.');

const options = z
  .strictObject({
    version: z.string().optional().describe('Version to ingest; by default the current one.'),
    mode: z
      .enum(['auto', 'incremental', 'rebuild'])
      .optional()
      .describe(
        'auto (default): only changed objects, on top of what is served, where that gives the same rows and little has changed; incremental: however much has changed; rebuild: all of it anew.',
      ),
    rebuild_ratio: z
      .number()
      .min(0)
      .max(1)
      .optional()
      .describe('With auto, the part of the rows above which a change means to rebuild; default 0.3.'),
    verify: z
      .boolean()
      .optional()
      .describe('Compare a checksum of all rows before serving (default); rows are counted in any case.'),
    canary_queries: z
      .array(z.string().min(1).max(500))
      .max(10)
      .optional()
      .describe('Words that must find something in the new index, or it is not served.'),
    batch_rows: z
      .number()
      .int()
      .min(100)
      .max(1_000_000)
      .optional()
      .describe(
        'Rows of one step, after which a job that was killed goes on; by default 50000 to 250000, by their size.',
      ),
    embedder: z
      .string()
      .min(1)
      .max(64)
      .optional()
      .describe(
        'An embedder that the operator declared: rows get vectors of their text, for search by meaning (lance, weaviate; postgres where its database has pgvector).',
      ),
    database: z
      .string()
      .min(1)
      .max(64)
      .optional()
      .describe('A database that the operator declared (postgres); by default that of Tutti.'),
    instance: z
      .string()
      .min(1)
      .max(64)
      .optional()
      .describe('A Weaviate instance that the operator declared (weaviate); by default the first.'),
    language: z
      .string()
      .max(64)
      .optional()
      .describe('How words are compared (postgres): english (default), by their stem, or simple, as they are.'),
    partition_by: z
      .array(z.string().min(1).max(500))
      .min(1)
      .max(5)
      .optional()
      .describe('Columns whose values name directories (parquet), as in Year=1980/part.parquet.'),
    rows_per_file: z
      .number()
      .int()
      .min(1000)
      .max(10_000_000)
      .optional()
      .describe('Most rows of a file (parquet); default 1000000.'),
  })
  .describe('How to ingest.');

export const startIngest = (jobs: JobEngine, targets: Targets) =>
  tool({
    name: 'start_ingest',
    title: 'Ingest a dataset',
    description:
      'Tutti lake: brings the search index of a dataset to a version, as a job: changed objects alone where it can, beside the index that is served, which it replaces when it is complete and verified. Wait for it with job_status, then call search_dataset. Rows that cannot be read are counted in counters.errors, see list_rejects. To build all anew, use reindex.',
    toolset: 'lake',
    effect: 'write',
    scope: 'lake:write',
    common: true,
    input: {
      dataset_id: datasetId,
      target: z.string().describe('Where to: lance, or another of ingest.* in list_capabilities.'),
      version: z.string().min(1).max(100).optional().describe('Version to ingest; by default the current one.'),
      mapping: mapping.optional(),
      options: options.optional(),
    },
    output: jobSchema,
    async run(input, { db, authority }) {
      const { dataset_id, target, mapping = {}, options: { version: older, ...options } = {} } = input;
      const version = input.version ?? older;
      // Absent fields are not there at all, where the types of zod say that they may be undefined.
      const wanted = { dataset_id, target, mapping, options, ...(version !== undefined && { version }) } as IngestInput;
      await targetOf(targets, target).check?.(wanted.mapping, options);
      await dataset(db, dataset_id);
      return toJob(await enqueueIngest(db, jobs, authority, wanted));
    },
  });

/** The target of a name, or TARGET_NOT_AVAILABLE. */
export function targetOf(targets: Targets, name: string): Target {
  const found = targets.get(name);
  if (found) return found;
  throw new AppError(
    'TARGET_NOT_AVAILABLE',
    'There is no such target on this server.',
    `Use one of: ${[...targets.keys()].join(', ')}; list_capabilities says which work now.`,
  );
}
