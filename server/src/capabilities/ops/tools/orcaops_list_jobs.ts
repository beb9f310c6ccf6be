import { z } from 'zod';
import { type Cursors, nextPageField } from '../../../core/page.ts';
import { tool } from '../../../core/tool.ts';
import { listedRunSchema, success } from '../contract.ts';
import { knownEngines } from '../engines/choose.ts';
import type { LocalEngine } from '../engines/local-engine.ts';
import { filterOf, listFields, listPage } from '../runs/list.ts';

export const listJobs = (engine: LocalEngine, cursors: Cursors) =>
  tool({
    name: 'orcaops_list_jobs',
    title: 'List container jobs',
    description:
      'Tutti ops: lists container jobs, newest first, those that wait and run as well as those that have ended. For ended ones with their number use orcaops_list_runs; for jobs of any kind, list_jobs.',
    toolset: 'ops',
    effect: 'read',
    scope: 'ops:read',
    input: listFields(20),
    output: z.looseObject({
      success,
      jobs: z.array(listedRunSchema).describe('The jobs.'),
      count: z.number().describe('How many are in this answer.'),
      next_page: nextPageField,
    }),
    examples: [
      {
        title: 'What runs now',
        input: { status: 'running' },
        output: {
          success: true,
          jobs: [
            {
              job_id: 'count-lines-2',
              status: 'running',
              image: 'python:3.12-slim',
              created_at: '2026-11-20T09:31:00.000Z',
            },
          ],
          count: 1,
        },
      },
    ],
    async run({ status, ...page }, { db, principal }) {
      await knownEngines(db, engine);
      const filter = filterOf(principal, status, false);
      const { items, ...next } = await listPage(db, cursors, 'orcaops_list_jobs', filter, page);
      return { success: true as const, jobs: items, count: items.length, ...next };
    },
  });
