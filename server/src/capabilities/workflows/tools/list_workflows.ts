import { z } from 'zod';
import { type Cursors, nextPageField, pageFields, pageOf } from '../../../core/page.ts';
import { tool } from '../../../core/tool.ts';
import { workflowSchema } from '../contract.ts';
import { listDefinitions } from '../definitions/store.ts';
import { newestRuns } from '../runs/store.ts';
import { ownerSeen } from '../runs/visible-run.ts';
import { pausedBecause } from '../triggers/actor.ts';
import { listTriggers } from '../triggers/store.ts';

const list = 'list_workflows';

export const listWorkflows = (cursors: Cursors) =>
  tool({
    name: list,
    title: 'List workflows',
    description:
      'Tutti workflows: lists the workflows by name, each with its newest version and how its last run stands. For a definition use get_workflow, for runs list_workflow_runs; pipelines of the Orchestra platform are others.',
    toolset: 'workflows',
    effect: 'read',
    scope: 'workflows:read',
    input: pageFields,
    output: z.looseObject({
      items: z.array(workflowSchema).describe('The workflows.'),
      next_page: nextPageField,
    }),
    async run({ page, page_size }, { db, principal }) {
      const after = cursors.decode(list, null, page);
      const rows = await listDefinitions(db, { after, limit: page_size + 1 });
      const names = rows.map(({ name }) => name);
      const newest = await newestRuns(db, names, ownerSeen(principal));
      const triggers = new Map((await listTriggers(db, names)).map((trigger) => [trigger.workflow, trigger]));
      const paused = new Map<string, string>();
      for (const trigger of triggers.values()) {
        const why = await pausedBecause(db, trigger);
        if (why !== undefined) paused.set(trigger.workflow, why);
      }
      return pageOf(
        rows,
        page_size,
        ({ name, version, envelope, put_by, put_at }) => {
          const run = newest.get(name);
          const why = paused.get(name);
          return {
            name,
            version,
            ...(envelope.description !== undefined && { description: envelope.description }),
            put_by,
            put_at: put_at.toISOString(),
            ...(run && { last_run: run.created_at.toISOString(), last_status: run.status }),
            ...(why !== undefined && { paused: why }),
          };
        },
        (row) => cursors.encode(list, null, row.name),
      );
    },
  });
