import { setTimeout as sleep } from 'node:timers/promises';
import type { Db } from '../../../core/db/database.ts';
import { AppError } from '../../../core/errors.ts';
import type { OrchestraAccess } from '../access.ts';
import type { PipelineRun } from '../api/schemas.ts';
import type { StartRequest } from '../api/start-request.ts';
import { isId } from '../client/ids.ts';
import type { OrchestraApi } from '../client/orchestra-api.ts';
import { OrchestraError } from '../errors.ts';
import { said } from '../present/redact.ts';
import { showRun } from '../present/run.ts';
import { claimStart, findStart, noteStarted, noteUncertain, noteUnsent, type Start } from './store.ts';

export interface SendNeeds {
  readonly orchestra: OrchestraAccess;
  /** This process, among those that live. */
  readonly executorId: () => string;
  /** Longest time that sending may take, with all that belongs to it. */
  readonly patienceS: number;
}

interface Caller {
  readonly db: Db;
  readonly principal: NonNullable<Parameters<OrchestraAccess['open']>[0]['principal']>;
  readonly signal: AbortSignal;
}

/** How far the other side's clock may be from ours, and how long a run may take to appear. */
const slackMs = 60_000;
const maxCandidates = 20;

/**
 * Brings a journaled start to its outcome. It is sent once: whoever takes it says so in the journal first, and what stands
 * there without an outcome is looked up, never sent again. Throws what Orchestra refused, after which it may be sent again.
 */
export async function settleStart(id: string, request: StartRequest, caller: Caller, needs: SendNeeds) {
  const { db, principal, signal } = caller;
  for (;;) {
    const start = await findStart(db, id, needs.patienceS);
    if (!start) throw gone();
    if (start.state === 'intended') {
      // Whoever gives up does not take the answer along: what was begun is written down.
      const api = await needs.orchestra.open({ principal });
      const theirTime = new Date(api.rangeOf().to);
      if (await claimStart(db, id, needs.executorId(), theirTime)) return send(start, request, api, db);
      continue;
    }
    if (start.in_hand) {
      await sleep(100, undefined, { signal }).catch(() => undefined);
      signal.throwIfAborted();
      continue;
    }
    if (start.state === 'sending') await noteUncertain(db, id, 'IN_DOUBT');
    const now = await findStart(db, id, needs.patienceS);
    if (!now) throw gone();
    if (now.state === 'intended') continue;
    return showStart(now, await needs.orchestra.open({ principal, signal }));
  }
}

async function send(start: Start, request: StartRequest, api: OrchestraApi, db: Db) {
  try {
    const started = await api.start(start.pipeline, request);
    if (started.outcome === 'started') {
      await noteStarted(db, start.id, started.runId);
      return {
        ...shown({ ...start, state: 'started', pipeline_run_id: started.runId }, api),
        message: said(started.message),
      };
    }
    await noteUncertain(db, start.id, started.why.code);
    const uncertain = { ...start, state: 'uncertain' as const, code: started.why.code };
    return { ...shown(uncertain, api), ...withCandidates(started.candidates, api) };
  } catch (error) {
    // All else than these may have been sent: it stays as it stands in the journal.
    if (error instanceof OrchestraError ? error.effect === 'none' : error instanceof AppError) {
      await noteUnsent(db, start.id);
    }
    throw error;
  }
}

/** A start whose outcome is in the journal; of an uncertain one with the runs that it may have become. */
async function showStart(start: Start, api: OrchestraApi) {
  if (start.state === 'started') return shown(start, api);
  return { ...shown(start, api), ...withCandidates(await candidates(start, api), api) };
}

/** Runs of the pipeline since it was sent; null where they cannot be read. */
async function candidates({ pipeline, sent_at }: Start, api: OrchestraApi): Promise<readonly PipelineRun[] | null> {
  if (sent_at === null) return [];
  try {
    const pipelineId = isId(pipeline) ? pipeline : (await api.pipeline(pipeline)).id;
    const window = { from: sent_at.getTime() - slackMs, to: sent_at.getTime() + 5 * slackMs };
    const found: PipelineRun[] = [];
    for await (const { items } of api.runs({ ...window, pipelineIds: [pipelineId] })) found.push(...items);
    return found;
  } catch (error) {
    if (error instanceof OrchestraError) return null;
    throw error;
  }
}

function shown({ id, state, pipeline, pipeline_run_id, code }: Start, api: OrchestraApi) {
  const started = state === 'started';
  return {
    start_id: id,
    outcome: started ? 'started' : 'uncertain',
    pipeline_id: pipeline,
    pipeline_run_id: pipeline_run_id ?? undefined,
    url: pipeline_run_id === null ? undefined : `${api.site}/pipeline-runs/${pipeline_run_id}/lineage`,
    why: started ? undefined : (code ?? 'IN_DOUBT'),
    next_step: started
      ? 'Follow it with get_pipeline_run_status, or wait for its end with watch_pipeline_run.'
      : 'It may run: look at candidates before you start another one. The same idempotency_key looks again and sends nothing; resolve_orchestra_start writes down what became of it.',
  };
}

function withCandidates(runs: readonly PipelineRun[] | null, api: OrchestraApi) {
  if (runs === null) return {};
  return { candidates: runs.slice(0, maxCandidates).map((run) => showRun(run, api.site)) };
}

function gone(): AppError {
  return new AppError('NOT_FOUND', 'This start is too old to be known.', 'Look at list_pipeline_runs.');
}
