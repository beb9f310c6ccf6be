import { z } from 'zod';
import { untrustedSchema } from '../present/fields.ts';

const text = z.string().optional();
const about = {
  source: text.describe('Endpoint that it was read from.'),
  truncated: z.boolean().describe('There is more than this.'),
};
const list = <T extends z.ZodType>(item: T, words: string) => z.array(item).describe(words);
const loose = z.looseObject({});

/** The answer of `diagnose_pipeline_run`: blocks, each with where it comes from and whether something was cut. */
export const reportSchema = z.looseObject({
  run: z
    .looseObject({
      ...about,
      pipeline_run_id: z.string().describe('Id of the run.'),
      status: text.describe('FAILED, WARNING, RUNNING and the like.'),
      url: z.string().describe('Its page in Orchestra.'),
    })
    .describe('The run, as get_pipeline_run_status answers it.'),
  verdict: z
    .looseObject({
      ...about,
      category: z
        .string()
        .describe('AUTH, TIMEOUT, NETWORK, QUERY, CONFIG, CODE, DATA, NOT_FAILED, UNKNOWN and the like.'),
      error_category: text.describe('What went wrong by itself, where the category is about the run as a whole.'),
      means: z.string().describe('What the category means.'),
      confidence: z.string().describe('high, medium or low.'),
      retryable: z.string().describe('Whether the same run may go better as it is: yes, no or unknown.'),
      cause: untrustedSchema.optional().describe('The line that says what went wrong.'),
      evidence: untrustedSchema.optional().describe('What that line stands in.'),
      evidence_from: text.describe('operations, run_results, log, external_message and the like.'),
      about: text.describe('The operation, model or file of the evidence.'),
      task_run_id: text.describe('The root that the verdict is about.'),
    })
    .describe('What is wrong, and what that is known by.'),
  failed_tasks: z
    .looseObject({
      ...about,
      total: z.number().describe('How many there are.'),
      roots: z.number().describe('How many of them failed with no failed task before them.'),
      items: list(
        z.looseObject({
          task_run_id: z.string().describe('Id of this run of the task.'),
          task_name: text.describe('Name of the task.'),
          root: z.boolean().describe('false: it failed after another one, perhaps for its sake.'),
          category: z.string().describe('What went wrong in this one.'),
          fingerprint: z.string().describe('The same for the same failure in another run.'),
        }),
        'In dependency order; the first one is a root.',
      ),
    })
    .describe('The tasks that failed, or warned where the run ended with a warning.'),
  error_excerpts: z
    .looseObject({ ...about, items: list(loose, 'By root: `from`, `excerpt`.') })
    .describe('What was said around the error.'),
  impact: z
    .looseObject({
      ...about,
      skipped_downstream: list(loose, 'Tasks that were skipped for it, with because_of.'),
      cancelled: list(loose, 'Tasks that were cancelled.'),
      not_started: list(loose, 'Tasks that did not begin.'),
      downstream_pipelines: list(loose, 'Runs that it started, and pipelines whose triggers name it.'),
    })
    .describe('What did not happen.'),
  history: z.looseObject(about).describe('The week before: counts, last_success, streak, same_failure, latest_run.'),
  change: z.looseObject(about).describe('What differs from the last success: commit, branch, version.'),
  files: z
    .looseObject({ ...about, items: list(loose, 'By root: logs, artifacts.') })
    .describe('Files of the roots, by name.'),
  next_steps: z
    .looseObject({
      ...about,
      items: list(
        z.looseObject({
          action: z.string().describe('What to do.'),
          tool: text.describe('Tool to do it with.'),
          args: z.record(z.string(), z.string()).optional().describe('Its input.'),
          why: z.string().describe('What for.'),
          writes: z.boolean().describe('It changes something.'),
        }),
        'The most useful first.',
      ),
    })
    .describe('What to do next.'),
  gaps: z
    .looseObject({
      ...about,
      total: z.number().describe('How many there are.'),
      items: list(loose, 'what, endpoint, why.'),
    })
    .describe('What could not be read, so that the report may be wrong about it.'),
});
export type Report = z.input<typeof reportSchema>;
