import { z } from 'zod';
import { AppError } from '../../../core/errors.ts';
import { tool } from '../../../core/tool.ts';
import { success } from '../contract.ts';
import { checkTemplate, defaultsOf, limitsOf } from '../sandboxes/create.ts';
import type { SandboxNeeds } from '../sandboxes/needs.ts';
import { templateFields } from '../sandboxes/schemas.ts';
import { showTemplate } from '../sandboxes/show.ts';
import { findTemplate, templateIds } from '../sandboxes/templates/find.ts';

export const listTemplates = ({ templatesDir, ceilings }: SandboxNeeds) =>
  tool({
    name: 'orcaops_list_templates',
    title: 'List the templates of sandboxes',
    description:
      'Tutti ops: lists what sandboxes can be made of: web-dev, python-ml, api-testing, and what the operator added. One with its parameters is shown by orcaops_get_template; a sandbox is made by orcaops_create_sandbox.',
    toolset: 'ops',
    effect: 'read',
    scope: 'ops:read',
    input: {},
    output: z.looseObject({
      success,
      templates: z.array(z.looseObject(templateFields)).describe('The templates, by id.'),
      count: z.number().describe('How many there are.'),
      unusable: z
        .array(
          z.looseObject({
            template_id: z.string().describe('Id of a template of the operator.'),
            message: z.string().describe('What is wrong; orcaops_get_template tells each place.'),
          }),
        )
        .optional()
        .describe('Templates that are not allowed or cannot be read; absent when all can be used.'),
    }),
    examples: [
      {
        title: 'What sandboxes can be made of',
        input: {},
        output: {
          success: true,
          templates: [
            {
              template_id: 'api-testing',
              name: 'API testing',
              description: 'Node.js to test an API from, with Redis and PostgreSQL.',
              category: 'testing',
              services: ['node', 'redis', 'postgres'],
            },
          ],
          count: 1,
        },
      },
    ],
    async run(_input, { principal }) {
      const limits = limitsOf(ceilings(principal));
      const templates: ReturnType<typeof showTemplate>[] = [];
      const unusable: { template_id: string; message: string }[] = [];
      for (const id of await templateIds(templatesDir)) {
        try {
          const template = await findTemplate(id, templatesDir);
          if (!template) continue;
          const { services } = checkTemplate(template, defaultsOf(template), limits);
          templates.push(showTemplate(template, Object.keys(services)));
        } catch (error) {
          if (!(error instanceof AppError)) throw error;
          unusable.push({ template_id: id, message: error.message });
        }
      }
      return { success: true as const, templates, count: templates.length, ...(unusable.length > 0 && { unusable }) };
    },
  });
