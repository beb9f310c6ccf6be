import { z } from 'zod';
import type { Tool } from '../../server/src/core/tool.ts';
import { tool } from '../../server/src/core/tool.ts';
import { slicesWithoutServer } from '../../server/test/support/catalogue.ts';

export const toolCount = 100;
/** The tool that is called. Its work is to hand back what it got. */
export const calledTool = 'bench_read_000';
export const calledInput = {
  item_id: 'item_0001',
  page: 1,
  page_size: 50,
  tags: ['a', 'b'],
  mode: 'full',
  verbose: true,
};

const input = {
  item_id: z.string().min(1).max(100).describe('Id of the item, from list_items.'),
  name: z.string().max(200).optional().describe('Only an item of this name.'),
  page: z.number().int().min(1).default(1).describe('Page to answer, from 1.'),
  page_size: z.number().int().min(1).max(500).default(50).describe('Items on a page.'),
  tags: z.array(z.string().max(100)).max(20).default([]).describe('Only items with all of these tags.'),
  mode: z.enum(['brief', 'full']).default('brief').describe('How much to say of each item.'),
  since: z.string().optional().describe('Only items changed after this time, ISO 8601.'),
  verbose: z.boolean().default(false).describe('Whether to say why an item was left out.'),
};

const output = z.looseObject({
  id: z.string().describe('Id of the item.'),
  name: z.string().describe('Its name.'),
  state: z.string().describe('Its state; more may come.'),
  bytes: z.number().describe('Its size.'),
  created_at: z.string().describe('ISO 8601 UTC.'),
  tags: z.array(z.string()).describe('Its tags.'),
  labels: z.record(z.string(), z.string()).describe('Its labels.'),
  next_page: z.string().optional().describe('Cursor of the next page, absent on the last.'),
});

/** Read tools of eight fields in and eight out, enough to make `toolCount` with the product's own. */
export function fillers(own: number): Tool[] {
  return Array.from({ length: toolCount - own }, (_, index) => filler(`bench_read_${String(index).padStart(3, '0')}`));
}

function filler(name: string): Tool {
  return tool({
    name,
    title: `Read ${name}`,
    description: `Bench: shows one item of ${name} by its id, with its state, size, tags and labels. To find an item by its name or tag, use the list tool of the same toolset instead.`,
    toolset: 'system',
    effect: 'read',
    scope: 'system:read',
    input,
    output,
    run: async ({ item_id, page_size, tags }) => ({
      id: item_id,
      name: 'an item',
      state: 'ready',
      bytes: page_size,
      created_at: '2026-01-01T00:00:00Z',
      tags,
      labels: { team: 'bench' },
    }),
  });
}

/** What the peers register: the product's own tools, wired to nothing, and the fillers. */
export function peerTools(): Tool[] {
  const own = slicesWithoutServer().flatMap((slice) => slice.tools);
  return [...own, ...fillers(own.length)];
}

/** Runs a tool as a peer does, whose library has parsed the input. */
export function runPeerTool(known: Tool, args: unknown): Promise<Record<string, unknown>> {
  return known.run(args as Record<string, unknown>, undefined as never);
}
