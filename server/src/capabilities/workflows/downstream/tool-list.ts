import { isDeepStrictEqual } from 'node:util';
import type { Client } from '@modelcontextprotocol/client';
import { findUnstorable } from '../../../core/storable.ts';
import { DownstreamError, type DownstreamTool } from './types.ts';

const maxTools = 2000;
const maxBytes = 8 * 2 ** 20;

/** Asks a server for its tools, page by page. */
export async function fetchTools(client: Client, timeoutMs: number, signal?: AbortSignal): Promise<DownstreamTool[]> {
  const options = { timeout: timeoutMs, ...(signal && { signal }), cacheMode: 'refresh' as const };
  const { tools } = await client.listTools(undefined, options);
  if (tools.length > maxTools || JSON.stringify(tools).length > maxBytes) {
    throw new DownstreamError(
      'bad_answer',
      `It lists more than ${maxTools} tools, or more than ${maxBytes} bytes.`,
      false,
    );
  }
  const kept = new Map<string, DownstreamTool>();
  // Names come again, and texts that nothing can keep: the first of a name counts, the others are none.
  for (const { name, title, description, inputSchema, outputSchema, annotations } of tools) {
    const found = { name, title, description, inputSchema, outputSchema, annotations };
    const tool = JSON.parse(JSON.stringify(found)) as DownstreamTool;
    if (!kept.has(name) && name.length <= 200 && !findUnstorable(tool)) kept.set(name, tool);
  }
  return [...kept.values()];
}

export interface ToolChanges {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly changed: readonly string[];
}

/** What is another in a new list; undefined where it says the same. */
export function compareTools(
  before: readonly DownstreamTool[],
  after: readonly DownstreamTool[],
): ToolChanges | undefined {
  const old = new Map(before.map((tool) => [tool.name, tool]));
  const now = new Map(after.map((tool) => [tool.name, tool]));
  const changes = {
    added: [...now.keys()].filter((name) => !old.has(name)),
    removed: [...old.keys()].filter((name) => !now.has(name)),
    changed: [...now].flatMap(([name, tool]) => {
      const former = old.get(name);
      return former && !isDeepStrictEqual(former, tool) ? [name] : [];
    }),
  };
  return Object.values(changes).some((names) => names.length > 0) ? changes : undefined;
}

/** The names that are nearest to one that is not there. */
export function similarNames(wanted: string, names: readonly string[]): string[] {
  const near = names.map((name) => ({ name, distance: distance(wanted.toLowerCase(), name.toLowerCase()) }));
  const most = Math.max(2, Math.floor(wanted.length / 2));
  return near
    .filter((entry) => entry.distance <= most)
    .sort((a, b) => a.distance - b.distance)
    .slice(0, 3)
    .map(({ name }) => name);
}

/** Levenshtein's distance, of the first 100 characters. */
function distance(a: string, b: string): number {
  const [left, right] = [a.slice(0, 100), b.slice(0, 100)];
  let row = Array.from({ length: right.length + 1 }, (_, at) => at);
  for (let i = 1; i <= left.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= right.length; j += 1) {
      const replaced = (row[j - 1] ?? 0) + (left[i - 1] === right[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
