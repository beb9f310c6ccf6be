import type { z } from 'zod';
import { createEgressFetch, type EgressFetchSettings } from '../../../core/egress.ts';
import {
  artifactList,
  logList,
  operation,
  type PipelineRun,
  pipeline,
  pipelineRun,
  startAnswer,
  taskRun,
} from '../api/schemas.ts';
import { checkedStart } from '../api/start-request.ts';
import { OrchestraError, unusable } from '../errors.ts';
import type { Connection } from './connection.ts';
import { type Deadline, deadlineIn, pause } from './deadline.ts';
import { askForPart, maxIgnored } from './files.ts';
import { checkedFileName, checkedId, checkedPipeline, isId } from './ids.ts';
import { readJson } from './json.ts';
import type { OrchestraApi, Place } from './orchestra-api.ts';
import { pagesOf, readPage } from './pages.ts';
import { type Pace, standardPace } from './policy.ts';
import { createRequests } from './requests.ts';
import { startOnce } from './start.ts';
import { rangeOf, type TimeWindow, windowQuery, windowsOf } from './windows.ts';

export interface OrchestraClient {
  /** Begins what one call asks; the deadline runs from here on. */
  open(signal?: AbortSignal): OrchestraApi;
  /** Ends its connections, whatever runs on them. */
  close(): Promise<void>;
}

const maxPages = 100;

/** Makes the client of one account. All its calls share one gate. */
export function createOrchestraClient(
  connection: Connection,
  addresses: Omit<EgressFetchSettings, 'maxBytes'>,
  changes: Partial<Pace> = {},
): OrchestraClient {
  const pace = { ...standardPace, ...changes };
  // Readers stop earlier, each at its own limit.
  const egress = createEgressFetch({ ...addresses, maxBytes: 2 * maxIgnored });
  const requests = createRequests(connection, egress.fetch, pace);
  return { open: (signal) => apiWithin(deadlineIn(pace.deadlineMs, signal)), close: egress.close };

  function apiWithin(deadline: Deadline): OrchestraApi {
    const one = <T>(schema: z.ZodType<T>, path: string, query?: Record<string, string>) =>
      requests.get({ path, query: query ?? {}, read: reader(schema) }, deadline);

    const list = <T extends { readonly id: string }>(
      item: z.ZodType<T>,
      path: string,
      query: Record<string, string>,
      { size = 100, known = new Set<string>(), first = 1 } = {},
    ) =>
      pagesOf(
        (page) =>
          requests.get(
            {
              path,
              query: { ...query, page: String(page), page_size: String(size) },
              read: async (response, endpoint) => readPage(item, await readJson(response, endpoint), endpoint),
            },
            deadline,
          ),
        { maxPages, known, first, size },
      );

    /** Window by window. Their ends are fixed before the first is asked, so that what starts meanwhile moves nothing. */
    async function* listed<T extends { readonly id: string }>(
      item: z.ZodType<T>,
      path: string,
      query: Record<string, string>,
      range: Partial<TimeWindow>,
      start: Place = { window: 0, page: 1 },
    ) {
      const known = new Set<string>();
      const windows = windowsOf(rangeOf(range, requests.now()));
      for (const [at, window] of windows.entries()) {
        if (at < start.window) continue;
        const first = at === start.window ? start.page : 1;
        const pages = list(item, path, { ...query, ...windowQuery(window) }, { known, first });
        for await (const { page, ended, ...found } of pages) {
          yield { ...found, at: { window: at, page }, more: !ended || at < windows.length - 1 };
        }
      }
    }

    const taskPath = (runId: string, taskRunId: string) =>
      `/public/pipeline_runs/${checkedId('pipeline run', runId)}/task_runs/${checkedId('task run', taskRunId)}`;

    const api: OrchestraApi = {
      site: new URL(connection.baseUrl).origin,
      rangeOf: (range = {}) => rangeOf(range, requests.now()),
      runs: ({ status, pipelineIds, runIds, ...range } = {}, start) =>
        listed(
          pipelineRun,
          '/public/pipeline_runs',
          {
            ...joined('status', status),
            ...joinedIds('pipeline_ids', pipelineIds),
            ...joinedIds('pipeline_run_ids', runIds),
          },
          range,
          start,
        ),
      async run(runId) {
        const path = `/public/pipeline_runs/${checkedId('pipeline run', runId)}`;
        try {
          return await one(pipelineRun, `${path}/status`);
        } catch (error) {
          if (!(error instanceof OrchestraError) || error.code !== 'ORCHESTRA_NOT_FOUND') throw error;
          // Newer servers know it by this path however old it is; where they do not, it is the same answer.
          return one(pipelineRun, path);
        }
      },
      tasksOfRun: (runId, superseded = false) =>
        list(
          taskRun,
          `/public/pipeline_runs/${checkedId('pipeline run', runId)}/task_runs`,
          superseded ? { include_superseded: 'true' } : {},
          { size: 50 },
        ),
      tasks: ({ status, pipelineIds, taskRunIds, integration, ...range } = {}) =>
        listed(
          taskRun,
          '/public/task_runs',
          {
            ...joined('status', status),
            ...joinedIds('pipeline_ids', pipelineIds),
            ...joinedIds('task_run_ids', taskRunIds),
            ...(integration === undefined ? {} : { integration }),
          },
          range,
        ),
      operations: ({ taskRunId, status, ...range } = {}) =>
        listed(
          operation,
          '/public/operations',
          {
            ...(taskRunId === undefined ? {} : { task_run_id: checkedId('task run', taskRunId) }),
            ...(status === undefined ? {} : { status }),
          },
          range,
        ),
      async pipelines() {
        const { items, unreadable } = await requests.get(
          {
            path: '/public/pipelines',
            // A bare array: the same as one page.
            read: async (response, endpoint) =>
              readPage(pipeline, { results: await readJson(response, endpoint) }, endpoint),
          },
          deadline,
        );
        return { items, unreadable };
      },
      async pipeline(idOrAlias) {
        const checked = checkedPipeline(idOrAlias);
        return one(pipeline, '/public/pipeline', isId(checked) ? { pipeline_id: checked } : { alias: checked });
      },
      artifacts: async (runId, taskRunId) =>
        (await one(artifactList, `${taskPath(runId, taskRunId)}/artifacts`)).filenames,
      async logs(runId, taskRunId) {
        const { filenames, files } = await one(logList, `${taskPath(runId, taskRunId)}/logs`);
        const known = new Map(Object.entries(files ?? {}));
        return filenames.map((name) => ({ name, attempt: known.get(name)?.attemptNumber ?? null }));
      },
      readArtifact: async (runId, taskRunId, filename, part) =>
        requests.get(
          askForPart(`${taskPath(runId, taskRunId)}/artifacts/download`, checkedFileName(filename), part),
          deadline,
        ),
      readLog: async (runId, taskRunId, filename, part) =>
        requests.get(
          askForPart(`${taskPath(runId, taskRunId)}/logs/download`, checkedFileName(filename), part),
          deadline,
        ),
      async start(idOrAlias, request = {}) {
        const checked = checkedPipeline(idOrAlias);
        const body = checkedStart(request);
        return startOnce(
          () =>
            requests.post({ path: `/public/pipelines/${checked}/start`, read: reader(startAnswer) }, body, deadline),
          async (window) => {
            const pipelineId = isId(checked) ? checked : (await api.pipeline(checked)).id;
            const found: PipelineRun[] = [];
            for await (const page of api.runs({ ...window, pipelineIds: [pipelineId] })) found.push(...page.items);
            return found;
          },
          () => pause(pace.baseMs * 2, deadline),
          requests.now,
        );
      },
      async cancel(runId, force = false) {
        const path = `/public/pipeline_runs/${checkedId('pipeline run', runId)}/cancel`;
        const read = async (response: Response) => void (await response.body?.cancel());
        await requests.post({ path, read }, { force }, deadline);
      },
    };
    return api;
  }
}

/** Reads the JSON of an answer by its schema. */
function reader<T>(schema: z.ZodType<T>) {
  return async (response: Response, endpoint: string): Promise<T> => {
    const read = schema.safeParse(await readJson(response, endpoint));
    if (!read.success) throw unusable('what it is about has no usable id', endpoint);
    return read.data;
  };
}

function joined(name: string, values: readonly string[] | undefined): Record<string, string> {
  return values === undefined || values.length === 0 ? {} : { [name]: values.join(',') };
}

function joinedIds(name: string, ids: readonly string[] | undefined): Record<string, string> {
  return joined(
    name,
    ids?.map((id) => checkedId(name, id)),
  );
}
