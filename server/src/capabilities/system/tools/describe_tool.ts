import { z } from 'zod';
import { unknownTool } from '../../../core/invoke.ts';
import { tool } from '../../../core/tool.ts';

export const describeTool = () =>
  tool({
    name: 'describe_tool',
    title: 'Describe a tool',
    description:
      'Tutti: shows one tool with the JSON Schemas of its input and output, as tools/list would. To find a tool by words, use search_tools; to call it, call_tool.',
    toolset: 'system',
    effect: 'read',
    scope: 'system:read',
    common: true,
    input: { name: z.string().max(100).describe('Name of the tool, also a former one.') },
    output: z.looseObject({
      name: z.string().describe('Its name.'),
      title: z.string().describe('Its title.'),
      description: z.string().describe('What it does, and when to use another.'),
      toolset: z.string().describe('Its toolset.'),
      effect: z.string().describe('read, write or destroy.'),
      scope: z.string().describe('The scope that a caller needs.'),
      aliases: z.array(z.string()).describe('Its former names.'),
      input_schema: z.record(z.string(), z.unknown()).describe('JSON Schema of what it takes.'),
      output_schema: z.record(z.string(), z.unknown()).describe('JSON Schema of what it answers.'),
    }),
    async run({ name }, { tools }) {
      const face = tools.faces().find((known) => known.name === name || known.aliases.includes(name));
      if (!face) throw unknownTool(name);
      const { title, description, toolset, effect, scope, aliases } = face;
      return {
        name: face.name,
        title,
        description,
        toolset,
        effect,
        scope,
        aliases: [...aliases],
        input_schema: face.inputSchema,
        output_schema: face.outputSchema,
      };
    },
  });
