import { connectionOfMark } from '../../../core/auth/connection.ts';
import type { Principal } from '../../../core/auth/principal.ts';
import type { Db } from '../../../core/db/database.ts';
import { AppError } from '../../../core/errors.ts';
import type { JobContext, JobHandler } from '../../../core/jobs/handler.ts';
import { requireScope } from '../../../core/jobs/scope.ts';
import type { OrchestraAccess } from '../access.ts';
import { runStatuses } from '../api/schemas.ts';
import { OrchestraError } from '../errors.ts';
import { hasEnded, showRun } from '../present/run.ts';
import { type Look, lookAt, type WatchedRun } from './look.ts';
import { findWatch, keepSeen, noteFailing, type Watch } from './store.ts';

export const watchKind = 'orchestra.watch';
const scope = 'orchestra:write';

export interface WatchNeeds {
  readonly db: Db;
  readonly orchestra: OrchestraAccess;
}

/** Looks are close together at first, then a tenth of the time that it watches already lies between them. */
const [closestMs, farthestMs] = [1000, 30_000];
/** How long looks may fail for a reason that need not pass by itself: a key may just be exchanged, or a page stand in for the API. */
const patienceMs = 30_000;
const afterFailureMs = 5000;

/**
 * Watches a run of Orchestra until it has ended, and ends as the run did. Between looks it parks, and holds nothing; what it saw
 * is kept, so that a restart tells nothing twice. To cancel it stops the watching alone.
 */
export const watchJob = (needs: WatchNeeds): JobHandler => ({
  kind: watchKind,
  version: 1,
  async run(context, input) {
    const asked = { runId: String(input.pipeline_run_id), mark: input.connection };
    const { run, site } = await context.resumable('look', () => lookOnce(asked, context, needs));
    const shown = showRun(run, site);
    if (run.runStatus === 'SUCCEEDED' || run.runStatus === 'WARNING') return { pipeline_run: shown };
    const known = runStatuses.includes(run.runStatus ?? '');
    throw new AppError(
      'ORCHESTRA_RUN_FAILED',
      known ? `The pipeline run ended as ${run.runStatus}.` : 'The pipeline run ended in a way that is not known here.',
      'Find out why with diagnose_pipeline_run; what it says of itself is in details.',
      { pipeline_run_id: shown.pipeline_run_id, status: shown.status, message: shown.message, url: shown.url },
    );
  },
});

type Ended = Pick<Look, 'run'> & { readonly site: string };

/** Answers the run once it has ended; until then it goes to wait after each look. */
async function lookOnce(
  { runId, mark }: { readonly runId: string; readonly mark: unknown },
  context: JobContext,
  { db, orchestra }: WatchNeeds,
): Promise<Ended> {
  const watch = await findWatch(db, context.job.id);
  if (!watch) throw new AppError('CANCELED', 'The watch of this job was removed.', 'Start another one.');
  if (context.signal.aborted) throw stopped(context.signal.reason, watch);
  // This process is about to stop: another one, or the next, looks.
  if (context.draining.aborted) return context.park(new Date());
  const principal = await actor(context, mark);
  const signal = AbortSignal.any([context.signal, context.draining]);
  try {
    const api = await orchestra.open({ principal, signal });
    const { run, shown } = await lookAt(api, runId);
    const told = { ...shown, tasks: shown.tasks ?? watch.seen?.tasks };
    if (await context.write((tx) => keepSeen(tx, watch, context.job.principal_id, told))) tellProgress(context, told);
    if (hasEnded(run)) return { run, site: api.site };
  } catch (error) {
    if (context.signal.aborted) throw stopped(context.signal.reason, watch);
    // Its token may just be renewed, by another connection with the same key.
    if (context.draining.aborted || principal.connection?.ended.aborted) return context.park(new Date());
    if (!isOrchestras(error)) throw error;
    if (!(error instanceof OrchestraError && error.again)) {
      if (watch.failing_since && Date.now() - watch.failing_since.getTime() > patienceMs) throw error;
      await context.write((tx) => noteFailing(tx, context.job.id));
    }
    return context.park(nextLook(watch, afterFailureMs));
  }
  return context.park(nextLook(watch, closestMs));
}

function tellProgress(context: JobContext, { tasks }: WatchedRun): void {
  const { total, ended, failed } = tasks ?? { total: 0, ended: 0, failed: 0 };
  const counters = { tasks: total, tasks_ended: ended, tasks_failed: failed };
  context.progress(total === 0 ? 0 : Math.min(0.99, ended / total), counters);
}

/** As whom it looks: with `mark` by the key that its starter's connection brought along, which only this process ever had. */
async function actor(context: JobContext, mark: unknown): Promise<Principal> {
  const principal = await context.principal();
  requireScope(principal, scope);
  if (typeof mark !== 'string') return principal;
  const connection = connectionOfMark(mark);
  if (!connection) throw keyGone();
  return { ...principal, connection };
}

function keyGone(): AppError {
  return new AppError(
    'ORCHESTRA_NOT_CONFIGURED',
    'The connection that brought the API key of this watch has ended; the pipeline run goes on.',
    'Watch it again from a new connection, or have the operator set ORCHESTRA_API_KEY for watches that outlive theirs.',
  );
}

/** Failures of looking, not of this server. */
function isOrchestras(error: unknown): error is AppError {
  return error instanceof OrchestraError || (error instanceof AppError && error.code === 'ORCHESTRA_NOT_CONFIGURED');
}

function nextLook({ created_at }: Watch, atLeastMs: number): Date {
  const watched = Date.now() - created_at.getTime();
  return new Date(Date.now() + Math.min(farthestMs, Math.max(atLeastMs, watched / 10)));
}

/** Why it stops before the run does. */
function stopped(reason: unknown, { seen }: Watch): unknown {
  if (!(reason instanceof AppError) || reason.code !== 'TIMED_OUT') return reason;
  return new AppError(
    'TIMED_OUT',
    'The pipeline run had not ended when the time of the watch was over; it goes on.',
    'Watch it again with watch_pipeline_run and a longer timeout_s, or look at it with get_pipeline_run_status.',
    { pipeline_run_id: seen?.pipeline_run_id, status: seen?.status },
  );
}
