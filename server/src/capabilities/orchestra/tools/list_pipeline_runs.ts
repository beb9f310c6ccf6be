import { z } from 'zod';
import { AppError } from '../../../core/errors.ts';
import { type Cursors, nextPageField } from '../../../core/page.ts';
import { tool } from '../../../core/tool.ts';
import type { OrchestraAccess } from '../access.ts';
import { isId } from '../client/ids.ts';
import type { OrchestraApi, RunFilter } from '../client/orchestra-api.ts';
import { collectRuns, type Position, positionAt } from '../lists/collect.ts';
import { statusesOf, statusField } from '../lists/filter.ts';
import { gapsSchema } from '../present/gap.ts';
import { listedRunSchema } from '../present/run.ts';
import { timeFields, windowOf } from '../resolve/times.ts';

const list = 'list_pipeline_runs';

export const listPipelineRuns = (orchestra: OrchestraAccess, cursors: Cursors) =>
  tool({
    name: list,
    title: 'List Orchestra runs',
    description:
      'Tutti orchestra: lists runs of the pipelines of the Orchestra platform, newest first: the last 7 days, or any span of time however long. For what went wrong in all of them use whats_broken; for runs of our own workflows, list_workflow_runs.',
    toolset: 'orchestra',
    effect: 'read',
    scope: 'orchestra:read',
    common: true,
    input: {
      ...timeFields,
      limit: z.int().min(1).max(1000).default(100).describe('Runs in one answer, 1 to 1000.'),
      offset: z.int().min(0).max(1_000_000).optional().describe('Runs to leave out first.'),
      page: z
        .union([z.string().min(1).max(2000), z.int().min(1).max(100_000)])
        .optional()
        .describe('next_page of the answer before, or the number of a page of `limit` runs.'),
      status_filter: statusField.describe('Only these: FAILED, or several with commas between them.'),
      pipeline_id: z.string().max(200).optional().describe('Only runs of this pipeline, by its id or alias.'),
    },
    output: z.looseObject({
      items: z.array(listedRunSchema).describe('The runs, each as get_pipeline_run_details shows it.'),
      count: z.number().describe('How many are in this answer.'),
      total: z.number().optional().describe('How many there are in all; not known of more than 7 days.'),
      time_from: z.string().describe('Beginning of the span that was asked for.'),
      time_to: z.string().describe('Its end.'),
      truncated: z.boolean().describe('true: fewer than asked for fitted, or could be read in time; go on with page.'),
      next_page: nextPageField,
      gaps: gapsSchema,
    }),
    examples: [
      {
        title: 'What failed in a span of time',
        input: { time_from: '2025-10-12', time_to: '2025-10-18', status_filter: 'FAILED' },
        output: {
          items: [
            {
              pipeline_run_id: '8e808ad7-70c7-4718-8b60-ee4c915c34de',
              pipeline_name: 'Sales Journal - Full Refresh DBT Models',
              status: 'FAILED',
              created_at: '2025-10-15T20:41:19.895Z',
              duration_seconds: 532.628,
            },
          ],
          count: 1,
          total: 1,
          time_from: '2025-10-12T00:00:00.000Z',
          time_to: '2025-10-18T00:00:00.000Z',
          truncated: false,
          gaps: [],
        },
      },
    ],
    async run({ limit, offset, page, status_filter, pipeline_id, ...times }, context) {
      const given = windowOf(times);
      const status = statusesOf(status_filter);
      const filters = { ...given, status, pipeline_id };
      if (page !== undefined && offset !== undefined) {
        throw new AppError('VALIDATION_FAILED', 'Both page and offset are given.', 'Give one of the two.');
      }
      const held = typeof page === 'string' ? readCursor(cursors, filters, page) : undefined;
      const api = await orchestra.open(context);
      // Fixed on the first page, so that what starts meanwhile moves nothing.
      const window = api.rangeOf(held ? held.window : given);
      const pipeline = pipeline_id === undefined ? undefined : await pipelineOf(api, pipeline_id);
      const filter: RunFilter = { ...window, ...(status && { status }), ...(pipeline && { pipelineIds: [pipeline] }) };
      const skip = typeof page === 'number' ? (page - 1) * limit : (offset ?? 0);
      const from = held ? held.position : await positionAt(api, filter, skip);
      const read = from ? await collectRuns(api, filter, { limit, from }) : nothing;
      return {
        items: [...read.items],
        count: read.items.length,
        total: read.total ?? undefined,
        time_from: new Date(window.from).toISOString(),
        time_to: new Date(window.to).toISOString(),
        truncated: read.truncated,
        ...(read.next && {
          next_page: cursors.encode(list, filters, JSON.stringify({ window, position: read.next } satisfies Held)),
        }),
        gaps: [...read.gaps],
      };
    },
  });

interface Held {
  readonly window: { readonly from: number; readonly to: number };
  readonly position: Position;
}

const nothing = { items: [], truncated: false, total: null, gaps: [], next: undefined };

/** A cursor is signed: what it holds is what we wrote. */
function readCursor(cursors: Cursors, filters: unknown, page: string): Held {
  const position = cursors.decode(list, filters, page);
  return JSON.parse(position ?? '') as Held;
}

async function pipelineOf(api: OrchestraApi, idOrAlias: string): Promise<string> {
  return isId(idOrAlias) ? idOrAlias : (await api.pipeline(idOrAlias)).id;
}
