import { z } from 'zod';
import { type Cursors, nextPageField, pageFields, pageOf } from '../../../core/page.ts';
import { tool, toolsets } from '../../../core/tool.ts';
import { rankTools } from '../rank-tools.ts';

export const searchTools = (cursors: Cursors) =>
  tool({
    name: 'search_tools',
    title: 'Search tools',
    description:
      'Tutti: finds tools by words, also those that this endpoint does not list, the best match first. See the fields of one with describe_tool, then call it by its name or with call_tool.',
    toolset: 'system',
    effect: 'read',
    scope: 'system:read',
    common: true,
    input: {
      query: z.string().max(200).default('').describe('Words such as "upload file"; leave it out for all tools.'),
      toolset: z.enum(toolsets).optional().describe('Only tools of this toolset.'),
      page: pageFields.page,
      page_size: z.int().min(1).max(100).default(10).describe('Tools a page, 1 to 100.'),
    },
    output: z.looseObject({
      items: z
        .array(
          z.looseObject({
            name: z.string().describe('Its name.'),
            title: z.string().describe('Its title.'),
            toolset: z.string().describe('Its toolset.'),
            effect: z.string().describe('read, write or destroy.'),
            description: z.string().describe('What it does, and when to use another.'),
          }),
        )
        .describe('The tools.'),
      next_page: nextPageField,
    }),
    async run({ query, toolset, page, page_size }, { tools }) {
      const filter = { query, toolset };
      const start = Number(cursors.decode('search_tools', filter, page) ?? 0);
      const found = rankTools(
        tools.faces().filter((face) => toolset === undefined || face.toolset === toolset),
        query,
      );
      return pageOf(
        found.slice(start, start + page_size + 1),
        page_size,
        ({ name, title, toolset: of, effect, description }) => ({ name, title, toolset: of, effect, description }),
        () => cursors.encode('search_tools', filter, String(start + page_size)),
      );
    },
  });
