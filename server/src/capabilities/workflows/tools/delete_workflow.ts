import { z } from 'zod';
import { tool } from '../../../core/tool.ts';
import { workflowName } from '../contract.ts';
import { tellWorkflow } from '../definitions/put.ts';
import { deleteDefinition, lockWorkflow } from '../definitions/store.ts';
import { noWorkflow } from '../errors.ts';
import { putTriggers } from '../triggers/store.ts';

export const deleteWorkflow = () =>
  tool({
    name: 'delete_workflow',
    title: 'Delete a workflow',
    description:
      'Tutti workflows: deletes a workflow with all its versions and triggers. Runs that are under way go on, and the history stays; to end runs use cancel_workflow_run.',
    toolset: 'workflows',
    effect: 'destroy',
    scope: 'workflows:destroy',
    input: { name: workflowName.describe('Name of the workflow.') },
    output: z.looseObject({
      name: z.string().describe('Its name.'),
      deleted: z.boolean().describe('true.'),
    }),
    async run({ name }, { db, principal }) {
      await lockWorkflow(db, name);
      if (!(await deleteDefinition(db, name))) throw noWorkflow(name);
      await putTriggers(db, name, []);
      await tellWorkflow(db, name, { deleted: true, deleted_by: principal.id });
      return { name, deleted: true };
    },
  });
