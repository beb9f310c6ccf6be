import { z } from 'zod';
import { tool } from '../../../core/tool.ts';
import { problemSchema } from '../contract.ts';
import { type CheckNeeds, checkDocument, documentField } from '../definitions/check.ts';

export const validateWorkflow = (needs: CheckNeeds) =>
  tool({
    name: 'validate_workflow',
    title: 'Check a workflow definition',
    description:
      'Tutti workflows: checks a definition without keeping it: its form, every state and expression, and the tools of the servers that it names. To keep it use put_workflow, which checks the same.',
    toolset: 'workflows',
    effect: 'read',
    scope: 'workflows:read',
    input: { definition: documentField },
    output: z.looseObject({
      valid: z.boolean().describe('Whether put_workflow would take it.'),
      name: z.string().optional().describe('Name of the workflow, where it can be read.'),
      problems: z.array(problemSchema).describe('What is wrong; empty when nothing is.'),
      warnings: z.array(problemSchema).describe('What could not be checked, or may surprise.'),
    }),
    async run({ definition }, context) {
      const { checked, problems, warnings } = await checkDocument(definition, context, needs);
      return {
        valid: problems.length === 0,
        ...(checked && { name: checked.envelope.name }),
        problems: problems.map((one) => ({ ...one })),
        warnings: warnings.map((one) => ({ ...one })),
      };
    },
  });
