import { z } from 'zod';
import { tool } from '../../../core/tool.ts';
import { problemSchema } from '../contract.ts';
import { type CheckNeeds, checkDocument, documentField } from '../definitions/check.ts';
import { putDefinition } from '../definitions/put.ts';
import { invalidWorkflow } from '../errors.ts';

export const putWorkflow = (needs: CheckNeeds) =>
  tool({
    name: 'put_workflow',
    title: 'Keep a workflow',
    description:
      'Tutti workflows: keeps a definition as the newest version of its workflow; the same document again gives no new version. Runs that are under way keep theirs. Its triggers act as you from now on. To check it only, use validate_workflow; to run it, run_pipeline.',
    toolset: 'workflows',
    effect: 'write',
    scope: 'workflows:write',
    input: { definition: documentField },
    output: z.looseObject({
      name: z.string().describe('Name of the workflow.'),
      version: z.number().describe('Its version.'),
      created: z.boolean().describe('Whether that version is new.'),
      warnings: z.array(problemSchema).describe('What could not be checked, or may surprise.'),
    }),
    async run({ definition }, { db, principal, authority }) {
      const { checked, problems, warnings } = await checkDocument(definition, { db, principal }, needs);
      if (!checked || problems.length > 0) throw invalidWorkflow(problems);
      const put = await putDefinition(db, checked, authority);
      return {
        name: put.definition.name,
        version: put.definition.version,
        created: put.created,
        warnings: warnings.map((one) => ({ ...one })),
      };
    },
  });
