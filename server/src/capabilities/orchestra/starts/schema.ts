import { z } from 'zod';
import { untrustedSchema } from '../present/fields.ts';
import { listedRunSchema } from '../present/run.ts';

/** What came of asking for a run. */
export const startSchema = z.looseObject({
  start_id: z.string().describe('Id of this start, not of the run.'),
  outcome: z.string().describe('started, or uncertain: no answer came, and it may run all the same.'),
  pipeline_id: z.string().describe('The pipeline, as it was named.'),
  pipeline_run_id: z.string().optional().describe('Id of the run; absent where it is uncertain.'),
  url: z.string().optional().describe('Page of the run in Orchestra.'),
  message: untrustedSchema.optional().describe('What Orchestra said.'),
  why: z.string().optional().describe('Code of what left it uncertain.'),
  candidates: z
    .array(listedRunSchema)
    .optional()
    .describe('Where it is uncertain: runs of the pipeline since then; absent where they cannot be read.'),
  next_step: z.string().describe('What to do next.'),
});
