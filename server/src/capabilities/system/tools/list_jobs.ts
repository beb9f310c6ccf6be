import { z } from 'zod';
import { readableToolsets } from '../../../core/auth/principal.ts';
import { jobSchema } from '../../../core/jobs/job.ts';
import { listJobs as findJobs, toJob } from '../../../core/jobs/store.ts';
import { type Cursors, nextPageField, pageFields, pageOf } from '../../../core/page.ts';
import { tool } from '../../../core/tool.ts';

export const listJobs = (cursors: Cursors) =>
  tool({
    name: 'list_jobs',
    title: 'List jobs',
    description:
      'Tutti: lists the jobs that you may see, newest first, by dataset, kind or state. For one job whose id you know, use job_status.',
    toolset: 'system',
    effect: 'read',
    scope: 'system:read',
    common: true,
    input: {
      dataset_id: z.string().optional().describe('Only jobs of this dataset.'),
      kind: z.string().optional().describe('Only jobs of this kind, such as lake.ingest.'),
      state: z.string().optional().describe('Only jobs in this state, such as running or failed.'),
      ...pageFields,
    },
    output: z.looseObject({
      items: z.array(jobSchema).describe('The jobs.'),
      next_page: nextPageField,
    }),
    async run({ page, page_size, ...filter }, { db, principal }) {
      const before = cursors.decode('list_jobs', filter, page);
      const rows = await findJobs(db, {
        toolsets: readableToolsets(principal),
        owner: principal.admin ? undefined : principal.id,
        dataset_id: filter.dataset_id,
        kind: filter.kind,
        state: filter.state,
        before,
        limit: page_size + 1,
      });
      return pageOf(rows, page_size, toJob, (row) => cursors.encode('list_jobs', filter, row.id));
    },
  });
