import { z } from 'zod';
import { AppError } from '../../../core/errors.ts';
import { tool } from '../../../core/tool.ts';
import { checkedId } from '../client/ids.ts';
import { showStartRow, startRowSchema } from '../starts/row.ts';
import { findStart, noteStarted, noteUnsent } from '../starts/store.ts';

export const resolveOrchestraStart = (patienceS: number) =>
  tool({
    name: 'resolve_orchestra_start',
    title: 'Say what became of a start',
    description:
      'Tutti orchestra: writes down what became of a start of an Orchestra pipeline that ended as uncertain, after you looked at its candidates: it started a run, or none. After not_started, trigger_pipeline with the same idempotency_key sends again. To find such starts use list_orchestra_starts; for jobs in doubt, resolve_in_doubt_call.',
    toolset: 'orchestra',
    effect: 'write',
    scope: 'orchestra:write',
    input: {
      start_id: z.string().max(100).describe('Id of the start, from trigger_pipeline or list_orchestra_starts.'),
      outcome: z.enum(['started', 'not_started']).describe('started, with pipeline_run_id, or not_started.'),
      pipeline_run_id: z.string().max(100).optional().describe('The run that it started.'),
    },
    output: startRowSchema,
    async run({ start_id, outcome, pipeline_run_id }, { db, principal }) {
      const start = await findStart(db, start_id, patienceS);
      if (!start || (start.principal_id !== principal.id && !principal.admin)) {
        throw new AppError('NOT_FOUND', 'There is no such start.', 'Find it with list_orchestra_starts.');
      }
      if (start.in_hand || start.state === 'intended' || start.state === 'started') {
        throw new AppError(
          'CONFLICT',
          start.in_hand ? 'This start is being sent just now.' : 'The outcome of this start is known.',
          'See list_orchestra_starts.',
          { state: start.state },
        );
      }
      if ((outcome === 'started') !== (pipeline_run_id !== undefined)) {
        throw new AppError(
          'VALIDATION_FAILED',
          'pipeline_run_id goes with outcome started, and only with it.',
          'Give the id of the run that it started, from its candidates or list_pipeline_runs.',
        );
      }
      if (pipeline_run_id === undefined) await noteUnsent(db, start_id);
      else await noteStarted(db, start_id, checkedId('pipeline run', pipeline_run_id));
      const now = await findStart(db, start_id, patienceS);
      return showStartRow(now ?? start);
    },
  });
