import { setTimeout as sleep } from 'node:timers/promises';
import { inTransaction, isConnectionLoss } from '../../../core/db/database.ts';
import { AppError, envelope } from '../../../core/errors.ts';
import type { JobContext } from '../../../core/jobs/handler.ts';
import { requireScope } from '../../../core/jobs/scope.ts';
import type { Engine } from '../docker/client.ts';
import { looksSecret, shownEnv } from '../fingerprint.ts';
import type { Usage } from '../runner/markers.ts';
import { stopped } from '../runs/close.ts';
import { closeRun, findRun, type Outcome, putSteps, type RunRow, type StepRow, setReason } from '../runs/store.ts';
import { findDispatched } from './bind.ts';
import { secretEnv } from './env.ts';
import type { RunNeeds } from './needs.ts';
import { prepareContainer } from './prepare.ts';
import { runScript } from './run-script.ts';
import { type Ends, splitSignal } from './stop-or-leave.ts';

const retryMs = 1000;
/** How often the engine may refuse the same work before that counts. */
const refusals = 5;

/**
 * Brings the run of a job to its end, from wherever it stands; undefined when it was deleted. Throws the reason of the signal when
 * this process is to leave it.
 */
export async function work(
  context: JobContext,
  needs: RunNeeds,
): Promise<{ readonly run: RunRow; readonly outcome: Outcome } | undefined> {
  const runId = context.job.id;
  const ends = splitSignal(context.signal);
  const either = AbortSignal.any([ends.stop, ends.leave]);
  for (let refused = 0; ; ) {
    const principal = context.principal();
    // It is asked for only before the job begins.
    principal.catch(() => undefined);
    const run = await findRun(needs.db, runId);
    if (!run) return undefined;
    const close = async (end: End) => ({ run, outcome: await writeEnd(run, needs, end) });
    if (run.outcome) return { run, outcome: run.outcome };
    try {
      const engine = await needs.engine.wait(either, (error) => setReason(needs.db, runId, error.message));
      if (run.dispatched_at === null) requireScope(await principal, 'ops:write');
      return await close(await attempt(run, engine, context, ends, needs));
    } catch (error) {
      ends.leave.throwIfAborted();
      // The database is away: the step as a whole is tried again.
      if (isConnectionLoss(error)) throw error;
      // With the engine away nothing can be ended; its container is removed once it is back.
      if (ends.stop.aborted) return close({ outcome: stopped });
      const code = error instanceof AppError ? error.code : 'INTERNAL';
      if (code === 'DOCKER_UNAVAILABLE') needs.engine.doubt();
      refused += code === 'DOCKER_REFUSED' ? 1 : 0;
      if ((code !== 'DOCKER_UNAVAILABLE' && code !== 'DOCKER_REFUSED') || refused === refusals) {
        if (!(error instanceof AppError)) needs.log.error({ job: runId, error }, 'a container job failed');
        return close({ outcome: { ...stopped, how: 'ended', error: envelope(error).error } });
      }
      await setReason(needs.db, runId, (error as AppError).message);
      await sleep(retryMs, undefined, { signal: either }).catch(() => undefined);
    }
  }
}

async function attempt(run: RunRow, engine: Engine, context: JobContext, ends: Ends, needs: RunNeeds): Promise<End> {
  const resume = run.dispatched_at !== null;
  if (!resume && ends.stop.aborted) return { outcome: stopped };
  const { env, values } = await secretEnv(run.spec.env, needs.secrets, looksSecret);
  const { id, environment, wanted } = resume
    ? { id: await findDispatched(engine, run, needs), environment: run.environment, wanted: undefined }
    : await prepareContainer(engine, run, context, AbortSignal.any([ends.stop, ends.leave]), needs);
  if (id === undefined) return { outcome: { ...stopped, how: ends.stop.aborted ? 'stopped' : 'gone' } };
  const { how, exit_code, oom_killed, record, steps } = await runScript(
    engine,
    { id, environment },
    run,
    { env, values },
    context,
    ends,
    needs,
  );
  // Once it is known that such a container runs scripts, and when this one needs the engine no more.
  if (wanted && how === 'finished') needs.pool.wanted(wanted);
  return {
    outcome: { how, exit_code, out_of_memory: oom_killed, steps: record.steps.length },
    steps,
    ...(record.usage && { usage: usageOf(record.usage) }),
  };
}

/** How a run ended, with the steps that are not written down yet. */
interface End {
  readonly outcome: Outcome;
  readonly steps?: readonly StepRow[];
  readonly usage?: Record<string, number>;
}

/** Writes the end of a run down, and gives its container up; answers the end that counts. */
async function writeEnd(run: RunRow, needs: RunNeeds, { outcome, steps = [], usage }: End): Promise<Outcome> {
  const end = { outcome, usage: usage ?? null, env: shownEnv(run.spec.env) };
  const known =
    steps.length === 0
      ? await closeRun(needs.db, run.id, end)
      : await inTransaction(needs.db, async (tx) => {
          await putSteps(tx, steps);
          return closeRun(tx, run.id, end);
        });
  needs.janitor.wake();
  return known ?? outcome;
}

function usageOf({ memory_peak_bytes, ...usage }: Usage): Record<string, number> {
  return { ...usage, memory_peak_mb: Math.round((memory_peak_bytes / 2 ** 20) * 10) / 10 };
}
