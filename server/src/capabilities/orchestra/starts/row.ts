import { z } from 'zod';
import { withoutSecrets } from '../present/redact.ts';
import type { Start } from './store.ts';

/** A start as the journal has it. */
export const startRowSchema = z.looseObject({
  start_id: z.string().describe('Id of the start.'),
  state: z
    .string()
    .describe('intended (nothing was sent, or it had no effect), sending, started or uncertain; more may come.'),
  pipeline_id: z.string().describe('The pipeline, as it was named.'),
  cause: z.string().optional().describe('Why, as its caller said.'),
  pipeline_run_id: z.string().optional().describe('The run that it started.'),
  why: z.string().optional().describe('Code of what left it uncertain.'),
  principal_id: z.string().describe('Who asked for it.'),
  created_at: z.string().describe('When it was asked for.'),
  asked_at: z.string().optional().describe('When it was sent to Orchestra.'),
});

export function showStartRow(start: Start): z.output<typeof startRowSchema> {
  return {
    start_id: start.id,
    // What nobody has in hand any more has no outcome that anybody knows.
    state: start.state === 'sending' && !start.in_hand ? 'uncertain' : start.state,
    pipeline_id: start.pipeline,
    cause: start.cause === null ? undefined : withoutSecrets(start.cause),
    pipeline_run_id: start.pipeline_run_id ?? undefined,
    why: start.code ?? undefined,
    principal_id: start.principal_id,
    created_at: start.created_at.toISOString(),
    asked_at: start.asked_at?.toISOString(),
  };
}
