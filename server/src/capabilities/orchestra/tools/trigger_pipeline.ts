import { z } from 'zod';
import { newId } from '../../../core/ids.ts';
import { tool } from '../../../core/tool.ts';
import { checkedStart } from '../api/start-request.ts';
import { checkedPipeline } from '../client/ids.ts';
import { startSchema } from '../starts/schema.ts';
import { type SendNeeds, settleStart } from '../starts/send.ts';
import { insertStart } from '../starts/store.ts';

const word = z.string().min(1).max(1000).optional();

const fields = {
  pipeline_id: z.string().min(1).max(200).describe('Id or alias of the pipeline, from list_orchestra_pipelines.'),
  cause: z.string().max(500).optional().describe('Why. It stays in our audit: Orchestra takes none.'),
  branch: word.describe('Branch of the definition.'),
  commit: word.describe('Commit of the definition.'),
  environment: word.describe('Name or id of the environment.'),
  version: z.int().min(1).optional().describe('Version of the definition.'),
  run_inputs: z.record(z.string().max(200), z.unknown()).optional().describe('Inputs of the run, by name.'),
  task_ids: z.array(z.string().min(1).max(1000)).min(1).max(1000).optional().describe('Only these tasks.'),
  continue_downstream: z
    .boolean()
    .default(true)
    .describe('With task_ids: also the tasks after them, which are skipped otherwise.'),
};

/** The body of the start that an input means. */
function requestOf(input: z.output<z.ZodObject<typeof fields>>) {
  const { branch, commit, environment, version, run_inputs, task_ids, continue_downstream } = input;
  return checkedStart({
    ...(branch !== undefined && { branch }),
    ...(commit !== undefined && { commit }),
    ...(environment !== undefined && { environment }),
    ...(version !== undefined && { versionNumber: version }),
    ...(run_inputs !== undefined && { runInputs: run_inputs }),
    ...(task_ids !== undefined && { taskIds: task_ids, continueDownstreamRun: continue_downstream }),
  });
}

export const triggerPipeline = (needs: SendNeeds) =>
  tool({
    name: 'trigger_pipeline',
    title: 'Start a run of an Orchestra pipeline',
    description:
      'Tutti orchestra: starts a run of a pipeline of the Orchestra platform and answers its id. It is asked for once: where no answer came, outcome is uncertain and candidates are the runs that it may have become. Give an idempotency_key so that a repeat starts no second run. To run what failed again use retry_pipeline_run; for our own workflows, run_pipeline.',
    toolset: 'orchestra',
    effect: 'write',
    scope: 'orchestra:write',
    common: true,
    input: fields,
    output: startSchema,
    examples: [
      {
        title: 'Start a run',
        input: {
          pipeline_id: 'sales_journal_full_refresh',
          cause: 'Late files have come',
        },
        output: {
          start_id: 'start_01k9zq4g1x8m2c7v5b3n6p0r4t',
          outcome: 'started',
          pipeline_id: 'sales_journal_full_refresh',
          pipeline_run_id: '0c8f1a52-6f0e-4a53-9d1c-3b7a5e2f9d10',
          url: 'https://app.getorchestra.io/pipeline-runs/0c8f1a52-6f0e-4a53-9d1c-3b7a5e2f9d10/lineage',
          next_step: 'Follow it with get_pipeline_run_status, or wait for its end with watch_pipeline_run.',
        },
      },
    ],
    noted: ({ pipeline_id, cause }) => ({ pipeline_id, ...(cause !== undefined && { cause }) }),
    async run({ cause, ...input }, { db, principal }) {
      const pipeline = checkedPipeline(input.pipeline_id.trim());
      requestOf(input);
      // Fails now where there is no key, and leaves nothing behind.
      await needs.orchestra.open({ principal });
      const id = newId('start');
      await insertStart(db, { id, principal_id: principal.id, pipeline, cause: cause ?? null });
      return { start_id: id, outcome: 'intended', pipeline_id: pipeline, next_step: '' };
    },
    settle: (answer, input, context) => settleStart(answer.start_id, requestOf(input), context, needs),
  });
