import { z } from 'zod';
import { AppError } from '../../../core/errors.ts';
import type { PipelineRun } from '../api/schemas.ts';
import { isId } from '../client/ids.ts';
import type { OrchestraApi } from '../client/orchestra-api.ts';
import type { TimeWindow } from '../client/windows.ts';
import { OrchestraError } from '../errors.ts';
import { resolveRun } from '../resolve/resolve-run.ts';
import { firstPage } from './reading.ts';

export const subjectField = z
  .string()
  .min(1)
  .max(2000)
  .describe(
    'Id of the run, its first 8 or more characters, or the address of its page; or the id, alias or page of a pipeline, for its newest failed run.',
  );

const pipelinePage = /\/pipelines\/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\/?(?:[?#].*)?$/i;
const alias = /^\w{1,200}$/;

/**
 * The run that is meant: by whatever names a run, or else the newest failed one of the pipeline that is named. Throws what
 * `resolveRun` does.
 */
export async function subjectOf(api: OrchestraApi, text: string, window: Partial<TimeWindow>): Promise<PipelineRun> {
  const trimmed = text.trim();
  const page = pipelinePage.exec(trimmed)?.[1];
  if (page !== undefined) return newestFailed(api, page, window);
  try {
    return await resolveRun(api, trimmed, window);
  } catch (error) {
    if (!(error instanceof AppError) || !mayBePipeline(error, trimmed)) throw error;
    return newestFailed(api, trimmed, window).catch((other: unknown) => {
      // It is no pipeline either: what was said of the run tells more, unless it was no name of a run at all.
      const nothing = other instanceof OrchestraError && other.code === 'ORCHESTRA_NOT_FOUND';
      throw nothing && error.code === 'ORCHESTRA_NOT_FOUND' && other.details !== foundNone ? error : other;
    });
  }
}

function mayBePipeline(error: AppError, text: string): boolean {
  if (error.code === 'ORCHESTRA_NOT_FOUND') return isId(text) || alias.test(text);
  return error.code === 'VALIDATION_FAILED' && error.details === undefined && alias.test(text);
}

const foundNone = { failed_runs: 0 };

async function newestFailed(api: OrchestraApi, name: string, window: Partial<TimeWindow>): Promise<PipelineRun> {
  const pipeline = await api.pipeline(name);
  const anyTime = window.from === undefined && window.to === undefined;
  if (anyTime && pipeline.latestRunStatus === 'FAILED' && pipeline.latestRunId !== null) {
    return api.run(pipeline.latestRunId);
  }
  const { items } = await firstPage(api.runs({ ...window, pipelineIds: [pipeline.id], status: ['FAILED'] }));
  const [newest] = [...items].sort((a, b) => Date.parse(b.createdAt ?? '') - Date.parse(a.createdAt ?? ''));
  if (newest) return newest;
  throw new OrchestraError(
    [
      'ORCHESTRA_NOT_FOUND',
      'This pipeline has no failed run in that time.',
      'Give time_from and time_to (the last 7 days are searched without), or find a run with list_pipeline_runs.',
    ],
    {},
    foundNone,
  );
}
