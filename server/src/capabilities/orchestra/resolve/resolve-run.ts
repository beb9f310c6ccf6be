import { z } from 'zod';
import { AppError } from '../../../core/errors.ts';
import type { PipelineRun } from '../api/schemas.ts';
import { isId } from '../client/ids.ts';
import type { OrchestraApi } from '../client/orchestra-api.ts';
import type { TimeWindow } from '../client/windows.ts';
import { OrchestraError } from '../errors.ts';
import { shownTime } from '../present/fields.ts';
import { named } from '../present/redact.ts';
import { timeFields } from './times.ts';

/** What names a run, in every tool that is about one. */
const runField = z
  .string()
  .min(8)
  .max(2000)
  .describe('Id of the run, its first 8 or more characters, or the address of its page.');

/** The fields of a tool that is about one run; the times matter where the id is cut short. */
export const runFields = {
  pipeline_run_id: runField,
  time_from: timeFields.time_from.describe('Where to look for an id that is cut short: not before this.'),
  time_to: timeFields.time_to.describe('Not after this; without times, the last 7 days.'),
};

const inUrl = /\/(?:pipeline-runs|runs)\/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?:[/?#]|$)/i;
const startOfId = /^[0-9a-f]{8}[0-9a-f-]{0,27}$/i;
/** Runs to choose from, at most. */
const maxChoices = 20;

/**
 * The run that a text names: an id, however old the run is; the beginning of one, which is looked for in the window, by
 * default the last 7 days; or the address of its page. Throws `VALIDATION_FAILED` for any other text, with
 * `details.choices` where several runs begin like that, and `ORCHESTRA_NOT_FOUND`.
 */
export async function resolveRun(
  api: OrchestraApi,
  text: string,
  window: Partial<TimeWindow> = {},
): Promise<PipelineRun> {
  const trimmed = text.trim();
  const id = wholeId(trimmed);
  if (id !== undefined) return byId(api, id, window);
  if (startOfId.test(trimmed)) return byStart(api, trimmed.toLowerCase(), window);
  throw new AppError(
    'VALIDATION_FAILED',
    'This names no run of a pipeline.',
    'Give the id of a run as list_pipeline_runs answers it, at least its first 8 characters, or the address of its page.',
  );
}

/** The id of the run that a text names, without a request where it holds the whole of it. Throws as `resolveRun` does. */
export async function resolveRunId(api: OrchestraApi, text: string, window: Partial<TimeWindow> = {}): Promise<string> {
  return wholeId(text.trim()) ?? (await resolveRun(api, text, window)).id;
}

function wholeId(text: string): string | undefined {
  return (isId(text) ? text : inUrl.exec(text)?.[1])?.toLowerCase();
}

/** Where the API no longer knows it by its id, a list of a given time may still have it. */
async function byId(api: OrchestraApi, id: string, window: Partial<TimeWindow>): Promise<PipelineRun> {
  try {
    return await api.run(id);
  } catch (error) {
    const gone = error instanceof OrchestraError && error.code === 'ORCHESTRA_NOT_FOUND';
    if (!gone || (window.from === undefined && window.to === undefined)) throw error;
    const found = await matching(api, { ...window, runIds: [id] }, (run) => run.id === id);
    if (found[0]) return found[0];
    throw error;
  }
}

async function byStart(api: OrchestraApi, start: string, window: Partial<TimeWindow>): Promise<PipelineRun> {
  const found = await matching(api, window, (run) => run.id.startsWith(start));
  const [only] = found;
  if (!only) {
    throw new OrchestraError([
      'ORCHESTRA_NOT_FOUND',
      'No run of that time has an id that begins like this.',
      'Give time_from and time_to around the time of the run (the last 7 days are searched without), or its whole id.',
    ]);
  }
  if (found.length === 1) return only;
  const choices = found.slice(0, maxChoices).map((run) => ({
    pipeline_run_id: run.id,
    pipeline_name: named(run.pipelineName),
    status: named(run.runStatus),
    created_at: shownTime(run.createdAt),
  }));
  throw new AppError(
    'VALIDATION_FAILED',
    `${found.length} runs have ids that begin like this.`,
    'Choose one of details.choices and give its whole id.',
    { choices },
  );
}

async function matching(
  api: OrchestraApi,
  filter: Parameters<OrchestraApi['runs']>[0],
  wanted: (run: PipelineRun) => boolean,
): Promise<PipelineRun[]> {
  const found: PipelineRun[] = [];
  for await (const { items } of api.runs(filter)) found.push(...items.filter(wanted));
  return found;
}
