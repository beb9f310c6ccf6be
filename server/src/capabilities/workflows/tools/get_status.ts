import { z } from 'zod';
import { tool } from '../../../core/tool.ts';
import { listDefinitions } from '../definitions/store.ts';
import type { Downstream } from '../downstream/types.ts';
import { countOpen, listRuns, newestRuns } from '../runs/store.ts';
import { ownerSeen } from '../runs/visible-run.ts';
import { actorOf } from '../triggers/actor.ts';
import { listTriggers } from '../triggers/store.ts';

const maxWorkflows = 200;

export const getStatus = (downstream: Pick<Downstream, 'status'>) =>
  tool({
    name: 'get_status',
    title: 'Show what workflows are doing',
    description:
      'Tutti workflows: shows whether runs are under way, when the last one began, how each workflow stands and which downstream servers answer. For one run use get_workflow_run; for the server as a whole list_capabilities.',
    toolset: 'workflows',
    effect: 'read',
    scope: 'workflows:read',
    input: {},
    output: z.looseObject({
      running: z.boolean().describe('Whether a run that you may see is under way.'),
      last_run: z.string().nullable().describe('When the last one was accepted, ISO 8601 UTC; null before the first.'),
      runs: z
        .looseObject({
          queued: z.number().describe('Runs that wait for their turn.'),
          running: z.number().describe('Runs at work.'),
          waiting: z.number().describe('Runs that wait for a time or an approval.'),
        })
        .describe('Those that have not ended.'),
      workflows: z
        .array(
          z.looseObject({
            name: z.string().describe('Its name.'),
            version: z.number().describe('Its newest version.'),
            last_run: z.string().nullable().describe('When a run of it was accepted last; null before the first.'),
            last_status: z.string().nullable().describe('How that one stands.'),
            paused: z.string().optional().describe('Why its triggers start nothing now.'),
          }),
        )
        .describe('The workflows, by name, at most 200; list_workflows pages through all.'),
      servers: z
        .array(
          z.looseObject({
            name: z.string().describe('Its name in mcp://<server>/<tool>.'),
            state: z.string().describe('idle, connecting, connected, down or breaker_open, as this process sees it.'),
          }),
        )
        .describe('The downstream servers; list_downstream_servers tells more.'),
    }),
    examples: [
      {
        title: 'How it stands',
        input: {},
        output: {
          running: false,
          last_run: '2026-11-20T06:00:00.041Z',
          runs: { queued: 0, running: 0, waiting: 0 },
          workflows: [
            { name: 'email-triage', version: 3, last_run: '2026-11-20T06:00:00.041Z', last_status: 'succeeded' },
          ],
          servers: [{ name: 'gmail', state: 'connected' }],
        },
      },
    ],
    async run(_input, { db, principal }) {
      const owner = ownerSeen(principal);
      const definitions = await listDefinitions(db, { after: undefined, limit: maxWorkflows });
      const names = definitions.map(({ name }) => name);
      const newest = await newestRuns(db, names, owner);
      const [last] = await listRuns(db, { owner }, { limit: 1 });
      const counts = new Map((await countOpen(db, owner)).map(({ status, count }) => [status, count]));
      const open = (status: string) => counts.get(status) ?? 0;
      const triggers = await listTriggers(db, names);
      const workflows = [];
      for (const { name, version } of definitions) {
        const run = newest.get(name);
        const trigger = triggers.find(({ workflow }) => workflow === name);
        const acting = trigger && (await actorOf(db, trigger));
        workflows.push({
          name,
          version,
          last_run: run?.created_at.toISOString() ?? null,
          last_status: run?.status ?? null,
          ...(acting && 'paused' in acting && { paused: acting.paused }),
        });
      }
      return {
        running: open('running') > 0,
        last_run: last?.created_at.toISOString() ?? null,
        runs: { queued: open('queued'), running: open('running'), waiting: open('waiting') },
        workflows,
        servers: downstream.status().map(({ name, state }) => ({ name, state })),
      };
    },
  });
