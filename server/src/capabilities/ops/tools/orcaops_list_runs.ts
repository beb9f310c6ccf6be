import { z } from 'zod';
import { type Cursors, nextPageField } from '../../../core/page.ts';
import { tool } from '../../../core/tool.ts';
import { listedRunSchema, success } from '../contract.ts';
import { knownEngines } from '../engines/choose.ts';
import type { LocalEngine } from '../engines/local-engine.ts';
import { filterOf, listFields, listPage } from '../runs/list.ts';
import { countRuns } from '../runs/store.ts';

export const listRuns = (engine: LocalEngine, cursors: Cursors) =>
  tool({
    name: 'orcaops_list_runs',
    title: 'List the run history',
    description:
      'Tutti ops: lists container jobs that have ended, newest first, with their number. They are kept until orcaops_delete_run or orcaops_cleanup_runs. For those that wait or run use orcaops_list_jobs.',
    toolset: 'ops',
    effect: 'read',
    scope: 'ops:read',
    input: listFields(50),
    output: z.looseObject({
      success,
      runs: z.array(listedRunSchema).describe('The runs.'),
      total: z.number().describe('How many there are in all, on all pages.'),
      next_page: nextPageField,
    }),
    examples: [
      {
        title: 'What failed',
        input: { status: 'failed', limit: 10 },
        output: {
          success: true,
          runs: [
            {
              job_id: 'count-lines-0',
              status: 'failed',
              image: 'python:3.12-slim',
              created_at: '2026-11-20T09:28:00.000Z',
              finished_at: '2026-11-20T09:28:00.301Z',
            },
          ],
          total: 1,
        },
      },
    ],
    async run({ status, ...page }, { db, principal }) {
      await knownEngines(db, engine);
      const filter = filterOf(principal, status, true);
      const { items, ...next } = await listPage(db, cursors, 'orcaops_list_runs', filter, page);
      return { success: true as const, runs: items, total: await countRuns(db, filter), ...next };
    },
  });
