import { z } from 'zod';
import { type Cursors, nextPageField, pageFields, pageOf } from '../../../core/page.ts';
import { tool } from '../../../core/tool.ts';
import { containerFields, shownOwner } from '../containers/fields.ts';
import { type ContainerNeeds, listSeen, orderOf } from '../containers/seen.ts';
import { success } from '../contract.ts';

export const listContainers = (needs: ContainerNeeds, cursors: Cursors) =>
  tool({
    name: 'orcaops_list_containers',
    title: 'List containers',
    description:
      'Tutti ops: lists the containers of your jobs on all engines, and of your sandboxes on the engine of this server, newest first; others there where the operator allows it. A job’s container is there while it runs: for the job itself, also afterwards, use orcaops_list_jobs; for sandboxes, orcaops_list_sandboxes.',
    toolset: 'ops',
    effect: 'read',
    scope: 'ops:read',
    input: {
      all: z.boolean().default(false).describe('Also those that do not run.'),
      limit: z.int().min(1).max(200).default(50).describe('How many at most, 1 to 200.'),
      page: pageFields.page,
    },
    output: z.looseObject({
      success,
      containers: z
        .array(
          z.looseObject({
            id: z.string().describe('Its id, in the short form.'),
            ...containerFields,
            status: z.string().describe('How it is, in the engine’s words, such as Up 3 minutes.'),
            created_at: z.string().describe('When it was made, ISO 8601 UTC.'),
          }),
        )
        .describe('The containers.'),
      count: z.number().describe('How many are in this answer.'),
      next_page: nextPageField,
    }),
    examples: [
      {
        title: 'What runs',
        input: {},
        output: {
          success: true,
          containers: [
            {
              id: '3f4e8c1b2a90',
              name: 'tutti-01kc5b0v6m8q3t9x2y4z7a1b5c',
              image: 'python:3.12-slim',
              kind: 'job',
              engine: 'local',
              job_id: 'count-lines-2',
              status: 'Up 4 seconds',
              created_at: '2026-11-20T09:31:00.000Z',
            },
          ],
          count: 1,
        },
      },
    ],
    async run({ all, limit, page }, { db, principal }) {
      const filters = { all, principal: principal.id };
      const before = cursors.decode('orcaops_list_containers', filters, page);
      const seen = await listSeen(db, principal, needs, { all });
      const rest = before === undefined ? seen : seen.filter((one) => orderOf(one) < before);
      const { items, ...next } = pageOf(
        rest.slice(0, limit + 1),
        limit,
        (one) => ({
          id: one.id.slice(0, 12),
          ...shownOwner(one),
          status: one.status,
          created_at: one.createdAt.toISOString(),
        }),
        (one) => cursors.encode('orcaops_list_containers', filters, orderOf(one)),
      );
      return { success: true as const, containers: items, count: items.length, ...next };
    },
  });
