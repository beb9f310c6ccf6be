import { setTimeout as sleep } from 'node:timers/promises';
import { inTransaction, isConnectionLoss } from '../../../core/db/database.ts';
import { AppError, envelope } from '../../../core/errors.ts';
import type { JobContext } from '../../../core/jobs/handler.ts';
import { endContainerOf } from '../containers/store.ts';
import type { Engine } from '../docker/client.ts';
import { looksSecret, shownEnv } from '../fingerprint.ts';
import { stopped } from '../runs/close.ts';
import {
  closeRun,
  findRun,
  markDispatched,
  type Outcome,
  putSteps,
  type RunRow,
  type StepRow,
  setReason,
} from '../runs/store.ts';
import { findDispatched } from './bind.ts';
import { secretEnv } from './env.ts';
import type { RunNeeds } from './needs.ts';
import { prepareContainer } from './prepare.ts';
import { runScript } from './run-script.ts';
import { stepRows } from './steps.ts';
import { type Ends, splitSignal } from './stop-or-leave.ts';

const retryMs = 1000;
/** How often the engine may refuse the same work before that counts. */
const refusals = 5;

/** Brings a run to its end, from wherever it stands. Throws the reason of the signal when this process is to leave it. */
export async function work(runId: string, context: JobContext, needs: RunNeeds): Promise<Outcome> {
  const ends = splitSignal(context.signal);
  const either = AbortSignal.any([ends.stop, ends.leave]);
  for (let refused = 0; ; ) {
    const run = await findRun(needs.db, runId);
    if (!run) return stopped;
    if (run.outcome) return run.outcome;
    try {
      const engine = await needs.engine.wait(either, (error) => setReason(needs.db, runId, error.message));
      return await attempt(run, engine, context, ends, needs);
    } catch (error) {
      ends.leave.throwIfAborted();
      // The database is away: the step as a whole is tried again.
      if (isConnectionLoss(error)) throw error;
      // With the engine away nothing can be ended; its container is removed once it is back.
      if (ends.stop.aborted) return close(run, needs, { outcome: stopped });
      const code = error instanceof AppError ? error.code : 'INTERNAL';
      refused += code === 'DOCKER_REFUSED' ? 1 : 0;
      if ((code !== 'DOCKER_UNAVAILABLE' && code !== 'DOCKER_REFUSED') || refused === refusals) {
        if (!(error instanceof AppError)) needs.log.error({ job: runId, error }, 'a container job failed');
        return close(run, needs, { outcome: { ...stopped, how: 'ended', error: envelope(error).error } });
      }
      await setReason(needs.db, runId, (error as AppError).message);
      await sleep(retryMs, undefined, { signal: either }).catch(() => undefined);
    }
  }
}

async function attempt(
  run: RunRow,
  engine: Engine,
  context: JobContext,
  ends: Ends,
  needs: RunNeeds,
): Promise<Outcome> {
  const resume = run.dispatched_at !== null;
  if (!resume && ends.stop.aborted) return close(run, needs, { outcome: stopped });
  const { env, values } = await secretEnv(run.spec.env, needs.secrets, looksSecret);
  const { id, environment, wanted } = resume
    ? { id: await findDispatched(engine, run, needs), environment: run.environment, wanted: undefined }
    : await prepareContainer(engine, run, context, AbortSignal.any([ends.stop, ends.leave]), needs);
  if (id === undefined) return close(run, needs, { outcome: { ...stopped, how: 'gone' } });
  const dispatchedAt = await markDispatched(needs.db, run.id, environment);
  const { how, exit_code, oom_killed, record } = await runScript(
    engine,
    id,
    run,
    { env, values },
    context,
    ends,
    needs,
  );
  // Once it is known that such a container runs scripts, and when this one needs the engine no more.
  if (wanted && how === 'finished') needs.pool.wanted(wanted);
  return close(run, needs, {
    outcome: { how, exit_code, out_of_memory: oom_killed, steps: record.steps.length },
    steps: stepRows(run.id, record.steps, dispatchedAt),
    ...(record.usage && { usage: usageOf(record.usage) }),
  });
}

/** Writes the end of a run down, and gives its container up. */
async function close(
  run: RunRow,
  needs: RunNeeds,
  end: { readonly outcome: Outcome; readonly steps?: readonly StepRow[]; readonly usage?: Record<string, number> },
): Promise<Outcome> {
  const { outcome, steps = [], usage = null } = end;
  await inTransaction(needs.db, async (tx) => {
    await putSteps(tx, steps);
    await closeRun(tx, run.id, { outcome, usage, env: shownEnv(run.spec.env) });
    await endContainerOf(tx, run.id);
  });
  needs.janitor.wake();
  return outcome;
}

function usageOf(usage: { readonly cpu_seconds: number; readonly memory_peak_bytes: number }): Record<string, number> {
  const { cpu_seconds, memory_peak_bytes } = usage;
  return { cpu_seconds, memory_peak_mb: Math.round((memory_peak_bytes / 2 ** 20) * 10) / 10 };
}
