import { type ConnectionFlags, findServer } from './connection.ts';
import { badInput } from './error.ts';
import { typeText } from './json-schema.ts';
import type { Environment } from './settings.ts';
import type { Terminal } from './terminal.ts';
import { findTool, listTools, type ToolDescription } from './tool-list.ts';

export interface ToolsFlags extends ConnectionFlags {
  readonly toolset?: string;
  readonly json?: boolean;
}

/** `tutti tools [name]`: lists the tools of the server, or shows one with its fields. */
export async function tools(
  name: string | undefined,
  flags: ToolsFlags,
  environment: Environment,
  terminal: Terminal,
): Promise<number> {
  const { url } = findServer(flags, environment);
  if (name !== undefined) {
    const tool = await findTool(url, name);
    terminal.out(flags.json ? toJson(tool) : describeTool(tool));
    return 0;
  }
  const all = ofToolset(await listTools(url), flags.toolset);
  terminal.out(flags.json ? toJson(all) : table(all));
  return 0;
}

/** A tool for a person to read. */
export function describeTool(tool: ToolDescription): string {
  const required = new Set(tool.input.required);
  const fields = Object.entries(tool.input.properties ?? {}).map(([name, schema]) => {
    const more = [
      typeText(schema),
      ...(required.has(name) ? ['required'] : []),
      ...(schema.default === undefined ? [] : [`default ${JSON.stringify(schema.default)}`]),
    ];
    return `  --${name}  (${more.join(', ')})\n      ${schema.description ?? ''}\n`;
  });
  return `${tool.name}: ${tool.title} (${tool.toolset}, ${tool.effect}, needs ${tool.scope})

${tool.description}
${fields.length > 0 ? `\n${fields.join('\n')}` : '\nIt takes no fields.\n'}`;
}

function ofToolset(all: readonly ToolDescription[], toolset: string | undefined): readonly ToolDescription[] {
  if (toolset === undefined) return all;
  const found = all.filter((tool) => tool.toolset === toolset);
  if (found.length > 0) return found;
  const known = [...new Set(all.map((tool) => tool.toolset))];
  throw badInput(`This server has no tools in ${JSON.stringify(toolset)}.`, `Its toolsets are ${known.join(', ')}.`);
}

function table(all: readonly ToolDescription[]): string {
  const width = Math.max(0, ...all.map((tool) => tool.name.length));
  const lines = [...Map.groupBy(all, (tool) => tool.toolset)].flatMap(([toolset, found]) => [
    toolset,
    ...found.map((tool) => `  ${tool.name.padEnd(width)}  ${tool.effect.padEnd(7)}  ${tool.title}`),
    '',
  ]);
  return lines.join('\n');
}

function toJson(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
