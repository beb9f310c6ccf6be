import { z } from 'zod';
import { tool } from '../../../core/tool.ts';
import { triggerSchema, workflowName, workflowSchema } from '../contract.ts';
import { drawMermaid } from '../definition/draw.ts';
import { findDefinition, listVersions } from '../definitions/store.ts';
import { noWorkflow } from '../errors.ts';
import { newestRuns } from '../runs/store.ts';
import { ownerSeen } from '../runs/visible-run.ts';
import { showTrigger } from '../triggers/show.ts';
import { listTriggers } from '../triggers/store.ts';

const shownVersions = 50;

export const getWorkflow = () =>
  tool({
    name: 'get_workflow',
    title: 'Show a workflow',
    description:
      'Tutti workflows: shows a workflow: its definition as it was put, the schema of its input, its triggers with their next times, its versions, on request a diagram. To find one use list_workflows; for runs list_workflow_runs.',
    toolset: 'workflows',
    effect: 'read',
    scope: 'workflows:read',
    input: {
      name: workflowName.describe('Name of the workflow.'),
      version: z.int().min(1).optional().describe('A version; by default the newest.'),
      include_diagram: z.boolean().default(false).describe('Draw it in Mermaid as well.'),
    },
    output: workflowSchema.extend({
      definition: z.string().describe('The document, YAML or JSON, as it was put.'),
      input: z.record(z.string(), z.unknown()).optional().describe('JSON Schema of the input; absent: any.'),
      triggers: z.array(triggerSchema).describe('What starts runs by itself: of the newest version.'),
      versions: z
        .array(
          z.looseObject({
            version: z.number().describe('Its number.'),
            put_by: z.string().describe('Id of the principal who put it last.'),
            created_at: z.string().describe('When it was new, ISO 8601 UTC.'),
          }),
        )
        .describe('The newest 50 versions, newest first.'),
      diagram: z.string().optional().describe('Mermaid, with include_diagram.'),
    }),
    async run({ name, version, include_diagram }, { db, principal }) {
      const found = await findDefinition(db, name, version);
      if (!found) throw noWorkflow(name, version);
      const { envelope, machine } = found;
      const triggers = [];
      for (const trigger of await listTriggers(db, [name])) triggers.push(await showTrigger(db, trigger));
      const paused = triggers.find((trigger) => trigger.paused !== undefined)?.paused;
      const run = (await newestRuns(db, [name], ownerSeen(principal))).get(name);
      return {
        name,
        version: found.version,
        ...(envelope.description !== undefined && { description: envelope.description }),
        put_by: found.put_by,
        put_at: found.put_at.toISOString(),
        ...(run && { last_run: run.created_at.toISOString(), last_status: run.status }),
        ...(paused !== undefined && { paused }),
        definition: found.document,
        ...(envelope.input !== undefined && { input: { ...envelope.input } }),
        triggers,
        versions: (await listVersions(db, name, shownVersions)).map((one) => ({
          ...one,
          created_at: one.created_at.toISOString(),
        })),
        ...(include_diagram && { diagram: drawMermaid(machine) }),
      };
    },
  });
