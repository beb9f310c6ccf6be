import { z } from 'zod';
import { tool } from '../../../core/tool.ts';
import { success } from '../contract.ts';
import { checkTemplate, defaultsOf, limitsOf } from '../sandboxes/create.ts';
import { noTemplate } from '../sandboxes/errors.ts';
import type { SandboxNeeds } from '../sandboxes/needs.ts';
import { templateFields } from '../sandboxes/schemas.ts';
import { showTemplate } from '../sandboxes/show.ts';
import { findTemplate } from '../sandboxes/templates/find.ts';

export const getTemplate = ({ templatesDir, ceilings }: SandboxNeeds) =>
  tool({
    name: 'orcaops_get_template',
    title: 'Show a template of sandboxes',
    description:
      'Tutti ops: shows one template: its services with images and limits, and the parameters that orcaops_create_sandbox takes for it. All templates are listed by orcaops_list_templates.',
    toolset: 'ops',
    effect: 'read',
    scope: 'ops:read',
    input: { template_id: z.string().min(1).max(60).describe('Id of the template, from orcaops_list_templates.') },
    output: z.looseObject({
      success,
      ...templateFields,
      parameters: z
        .record(
          z.string(),
          z.looseObject({
            description: z.string().describe('What it chooses.'),
            default: z.string().describe('What it is unless chosen.'),
          }),
        )
        .describe('What may be chosen.'),
      generated: z.array(z.string()).describe('Passwords and tokens that are made for each sandbox.'),
      service_details: z
        .array(
          z.looseObject({
            name: z.string().describe('The service.'),
            image: z.string().describe('Its image, which must be on the engine.'),
            ports: z.array(z.number()).describe('Its ports, each on a free one of loopback.'),
            memory_mb: z.number().describe('Memory at most, in MiB.'),
            capabilities: z.array(z.string()).describe('What it keeps of the powers of root; most need nothing.'),
          }),
        )
        .describe('Each service.'),
    }),
    examples: [
      {
        title: 'What python-ml consists of',
        input: { template_id: 'python-ml' },
        output: {
          success: true,
          template_id: 'python-ml',
          name: 'Python machine learning',
          description: 'Jupyter with TensorFlow, pandas and scikit-learn.',
          category: 'data',
          services: ['jupyter'],
          parameters: {},
          generated: ['JUPYTER_TOKEN'],
          service_details: [
            {
              name: 'jupyter',
              image: 'jupyter/tensorflow-notebook:latest',
              ports: [8888],
              memory_mb: 2048,
              capabilities: [],
            },
          ],
        },
      },
    ],
    async run({ template_id }, { principal }) {
      const template = await findTemplate(template_id, templatesDir);
      if (!template) throw noTemplate(template_id);
      const { services } = checkTemplate(template, defaultsOf(template), limitsOf(ceilings(principal)));
      return {
        success: true as const,
        ...showTemplate(template, Object.keys(services)),
        parameters: template.parameters,
        generated: template.generated,
        service_details: Object.entries(services).map(([name, { image, ports, memoryBytes, capabilities }]) => ({
          name,
          image,
          ports: ports.map(({ target }) => target),
          memory_mb: Math.round(memoryBytes / 2 ** 20),
          capabilities: [...capabilities],
        })),
      };
    },
  });
