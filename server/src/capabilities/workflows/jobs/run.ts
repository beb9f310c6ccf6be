import type { Principal } from '../../../core/auth/principal.ts';
import type { Db } from '../../../core/db/database.ts';
import { AppError, untrusted } from '../../../core/errors.ts';
import type { JobContext, JobHandler } from '../../../core/jobs/handler.ts';
import { requireScope } from '../../../core/jobs/scope.ts';
import type { Logger } from '../../../core/log.ts';
import type { RunStatus } from '../contract.ts';
import { type Definition, findDefinition } from '../definitions/store.ts';
import type { Evaluator } from '../expressions/evaluator.ts';
import { QueryError } from '../expressions/protocol.ts';
import { openJournal } from '../journal/postgres.ts';
import { countStates, countTolerated } from '../journal/store.ts';
import { type MachineEnd, runMachine } from '../machine/machine.ts';
import { type MachineNeeds, noCounts } from '../machine/needs.ts';
import { causeOfRun } from '../runs/cause.ts';
import type { Payloads, RunRow } from '../runs/run.ts';
import { beginRun, findRun, setCounts, setRunStatus } from '../runs/store.ts';
import { createApprovals } from './approvals.ts';
import { type CallNeeds, createCalls } from './calls.ts';
import { createDoubts } from './doubts.ts';
import { concludeRun, errorOf, judge, type Outcome, writeEnd } from './end.ts';
import { realTime } from './time.ts';

export interface RunNeeds extends CallNeeds {
  readonly db: Db;
  readonly log: Logger;
  readonly payloads: Payloads;
  readonly evaluator: Evaluator;
  /** A run ended; `seconds` since it began. */
  readonly ended?: (status: RunStatus, seconds: number) => void;
}

/** Bounds of every run: AWS has 25,000 events and 256 KB; these are of the same kind. */
const limits = { states: 100_000, bytes: 16 * 2 ** 20, total: 2 ** 30, concurrency: 100 };

const countsEveryMs = 1000;
/** The scope that the principal of a run must have as long as it runs. */
const scope = 'workflows:write';

/**
 * Runs a workflow. All of it is one step, which keeps a journal of its own: whoever comes after a crash, or after a wait, goes
 * on from the rows of its states. It runs although the job was asked to stop, to leave the run in order.
 */
export const runJob = (needs: RunNeeds): JobHandler => ({
  kind: 'workflows.run',
  version: 1,
  async run(context, input) {
    const run = await findRun(needs.db, String(input.run_id));
    if (!run)
      throw new AppError('CANCELED', 'The run of this job was deleted.', 'Start another one with run_pipeline.');
    const outcome = await context.resumable('run', () => work(run.id, context, needs));
    const { status, error } = outcome;
    context.atEnd((tx) => writeEnd(tx, run, outcome));
    if (status === 'succeeded' || status === 'partial') return { run_id: run.id, status };
    if (status === 'canceled') throw context.signal.aborted ? context.signal.reason : stopped('CANCELED', run, error);
    throw stopped(
      status === 'in_doubt' ? 'IN_DOUBT' : status === 'timed_out' ? 'TIMED_OUT' : 'WORKFLOW_FAILED',
      run,
      error,
    );
  },
});

async function work(runId: string, context: JobContext, needs: RunNeeds): Promise<Outcome> {
  const { db } = needs;
  const known = await findRun(db, runId);
  if (!known) throw new AppError('CANCELED', 'The run was deleted.', 'Start another one with run_pipeline.');
  const definition = await findDefinition(db, known.workflow, known.version, { deleted: true });
  if (!definition)
    throw new AppError('NOT_FOUND', 'The definition of the run is gone.', 'Put it again with put_workflow.');
  const run = await context.write((tx) => beginRun(tx, runId));
  const outcome = await execute(run, definition, context, needs);
  const seconds = (Date.now() - (run.started_at?.getTime() ?? Date.now())) / 1000;
  needs.ended?.(outcome.status, seconds);
  needs.log.info(
    { run: run.id, workflow: run.workflow, status: outcome.status, error: outcome.error?.code, seconds },
    'run',
  );
  return outcome;
}

async function execute(
  run: RunRow,
  { envelope, machine }: Definition,
  context: JobContext,
  needs: RunNeeds,
): Promise<Outcome> {
  const { db, payloads, evaluator } = needs;
  const journal = await openJournal({
    db,
    runId: run.id,
    payloads,
    write: context.write,
    writeOnce: context.writeOnce,
  });
  const input = await payloads.open(run.input, { runId: run.id, path: 'input' });
  const counts = journal.began ? await countStates(db, run.id) : noCounts();
  // A run that is over at once tells them with its end.
  let toldAt = Date.now();
  const machineNeeds: MachineNeeds = {
    execution: { ...run, startedAt: run.started_at ?? new Date() },
    evaluate: (request, signal) => evaluator.evaluate(request, signal),
    journal,
    time: realTime(context.draining),
    ...createCalls(needs, { principal: actor(context), envelope, cause: causeOfRun(run) }),
    approvals: createApprovals({ db, payloads, journal, write: context.write }, run),
    doubts: createDoubts(db, run.job_id, journal),
    random: Math.random,
    signal: context.signal,
    draining: context.draining,
    sensitive: envelope.sensitive,
    public: envelope.public,
    limits,
    counts,
    onProgress(fraction) {
      context.progress(fraction, counts);
      if (Date.now() - toldAt < countsEveryMs) return;
      toldAt = Date.now();
      const sofar = { ...counts };
      journal.alongside((tx) => setCounts(tx, run.id, sofar));
    },
  };
  const running = runMachine(machine, { value: input, secret: envelope.sensitive === true }, machineNeeds);
  let woken = false;
  context.onWake(() => {
    woken = true;
    running.poke();
  });
  const end = await running.end.catch((error: unknown) => {
    const status = stopOf(error, context);
    if (!status) throw error;
    return { how: status } as const;
  });
  if (end.how === 'waiting') {
    if (!context.draining.aborted) await context.write((tx) => setRunStatus(tx, run.id, 'waiting'));
    return context.park(woken || context.draining.aborted ? new Date() : end.until);
  }
  if (end.how === 'canceled' || !('error' in end || 'output' in end)) {
    await journal.flush();
    return context.write((tx) => concludeRun(tx, run, { status: end.how }, payloads));
  }
  if ('error' in end)
    return context.write((tx) => concludeRun(tx, run, { status: end.how, error: errorOf(end) }, payloads));
  return succeed(end);

  async function succeed({ output }: Extract<MachineEnd, { how: 'succeeded' }>): Promise<Outcome> {
    const made = {
      input,
      output: output.value,
      secret: output.secret,
      tolerated: counts.items_failed > 0 ? await countTolerated(db, run.id) : 0,
      states: counts.states,
    };
    try {
      const verdict = await judge(envelope, made, (request) => evaluator.evaluate(request), run);
      return await context.write((tx) => concludeRun(tx, run, { ...verdict, output }, payloads));
    } catch (error) {
      if (!(error instanceof QueryError)) throw error;
      const failure = {
        code: 'States.QueryEvaluationError',
        message: 'The outcome of the definition cannot be made.',
        cause: untrusted('workflow', error.message),
      };
      return context.write((tx) => concludeRun(tx, run, { status: 'failed', error: failure, output }, payloads));
    }
  }
}

/** As whom a run acts, asked anew for each call: what was taken away since counts no more. */
function actor(context: JobContext): () => Promise<Principal> {
  return async () => {
    const principal = await context.principal();
    requireScope(principal, scope);
    return principal;
  };
}

/** How a run ends that was asked to stop; undefined where another process goes on with it, or where it broke. */
function stopOf(error: unknown, { signal }: JobContext): 'canceled' | 'timed_out' | undefined {
  if (!signal.aborted || error !== signal.reason) return undefined;
  const code = signal.reason instanceof AppError ? signal.reason.code : undefined;
  return code === 'CANCELED' ? 'canceled' : code === 'TIMED_OUT' ? 'timed_out' : undefined;
}

function stopped(code: string, run: RunRow, error: Outcome['error']): AppError {
  return new AppError(
    code,
    error?.message ?? `The workflow run ended as ${code === 'TIMED_OUT' ? 'timed out' : 'failed'}.`,
    code === 'IN_DOUBT'
      ? 'Find out at the other side what became of the call, then say so with resolve_in_doubt_call: completed or repeat.'
      : 'See its history with get_workflow_run; go on from where it failed with redrive_workflow_run.',
    { run_id: run.id, ...(error?.state !== undefined && { state: error.state }), ...(error && { error: error.code }) },
  );
}
