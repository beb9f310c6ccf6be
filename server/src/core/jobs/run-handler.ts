import { AppError, envelope } from '../errors.ts';
import type { Logger } from '../log.ts';
import type { JobContext, JobHandler } from './handler.ts';
import type { JobState } from './job.ts';
import { ParkSignal } from './parking/signal.ts';
import { requireScope } from './scope.ts';
import type { JobRow, updateOwned } from './store.ts';

/** Runs a job's handler; answers what is to be written down of its end. Throws only the signal of a job that goes to wait. */
export async function runHandler(
  handler: JobHandler,
  context: JobContext,
  row: JobRow,
  log: Logger,
): Promise<Parameters<typeof updateOwned>[3]> {
  try {
    if (handler.scope !== undefined) await authorise(context, handler.scope);
    const metadata = await handler.run(context, row.input);
    return { state: 'succeeded', progress: 1, finished: true, ...(metadata && { metadata }) };
  } catch (error) {
    if (error instanceof ParkSignal) throw error;
    if (!(error instanceof AppError) && !context.signal.aborted) log.error({ job: row.id, error }, 'a job failed');
    const { error: body } = envelope(error);
    const state: JobState = body.code === 'CANCELED' ? 'canceled' : body.code === 'TIMED_OUT' ? 'timed_out' : 'failed';
    return { state, finished: true, ...(state === 'canceled' ? {} : { error: body }) };
  }
}

/** A job acts with the scopes that its principal has as it begins, not with those of the day it was enqueued. */
async function authorise(context: JobContext, scope: string): Promise<void> {
  await context.step('authorise', async () => requireScope(await context.principal(), scope));
}
