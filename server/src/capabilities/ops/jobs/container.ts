import { once } from 'node:events';
import { AppError } from '../../../core/errors.ts';
import type { JobHandler } from '../../../core/jobs/handler.ts';
import { outOfMemory } from '../errors.ts';
import { commandFailed, containerEnded } from '../runs/errors.ts';
import type { Outcome, RunRow } from '../runs/store.ts';
import type { RunNeeds } from './needs.ts';
import { work } from './work.ts';

/**
 * Runs a job in a container of its own. None of it is in the journal, for it can be repeated: whoever comes after a crash finds the
 * container by its row, attaches again, and reads what came of the script, which runs once however often it is sent.
 * It runs although the job was asked to stop, for then there may be a container to end.
 */
export const container = (needs: RunNeeds): JobHandler => ({
  kind: 'ops.container',
  version: 1,
  async run(context) {
    const ended = await context.resumable('run', () => work(context, needs));
    if (!ended) throw new AppError('CANCELED', 'The run of this job was deleted.', 'Submit the job again.');
    const { run, outcome } = ended;
    if (outcome.how === 'stopped') throw await reasonOf(context.signal);
    const failure = failureOf(outcome, run);
    if (failure) throw failure;
    return { job_id: run.name, image: run.image, exit_code: 0 };
  },
});

/** Why a run was stopped. Another process may have done so at a deadline that by the clock of this one is yet to come. */
async function reasonOf(signal: AbortSignal): Promise<unknown> {
  if (!signal.aborted) await once(signal, 'abort');
  return signal.reason;
}

/** The engine's exit code decides, whatever the script said of itself. */
function failureOf(outcome: Outcome, { spec }: RunRow): AppError | undefined {
  const { how, exit_code, out_of_memory, steps, error } = outcome;
  if (error) return new AppError(error.code, error.message, error.suggestion, error.details);
  if (how === 'finished' && exit_code === 0) return undefined;
  if (out_of_memory) return outOfMemory(spec.resources.memory_mb * 2 ** 20);
  if (how !== 'finished' || exit_code === null) return containerEnded(exit_code);
  return commandFailed(Math.max(steps, 1), spec.commands.length, exit_code);
}
