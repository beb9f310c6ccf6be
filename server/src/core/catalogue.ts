import { z } from 'zod';
import type { Tool, ToolExample } from './tool.ts';

export type JsonSchema = Record<string, unknown>;

/** A tool's public face, computed once at start: what `tools/list`, OpenAPI, the catalogue files and the CLI show. */
export interface ToolFace {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly toolset: string;
  readonly effect: string;
  readonly scope: string;
  readonly common: boolean;
  /** Not in its toolset's description for GPT Actions. */
  readonly further?: true;
  /** It calls the tool that its input names: what that one does counts. */
  readonly dispatches?: true;
  readonly aliases: readonly string[];
  readonly inputSchema: JsonSchema;
  readonly outputSchema: JsonSchema;
  /** Calls with their answers. */
  readonly examples?: readonly ToolExample[];
  readonly annotations: {
    readonly readOnlyHint: boolean;
    readonly destructiveHint: boolean;
    readonly idempotentHint: boolean;
    readonly openWorldHint: boolean;
  };
}

export interface Catalogue {
  /** In the order of registration, which is the order that every list shows. */
  readonly faces: readonly ToolFace[];
  /** By its name or a former one. */
  find(name: string): { readonly tool: Tool; readonly face: ToolFace } | undefined;
}

/** Builds the catalogue. Two tools of one name, or an alias that is a name, are programming errors. */
export function createCatalogue(tools: readonly Tool[]): Catalogue {
  const entries = tools.map((tool) => ({ tool, face: face(tool) }));
  const byName = new Map<string, (typeof entries)[number]>();
  for (const entry of entries) {
    for (const name of [entry.tool.name, ...entry.tool.aliases]) {
      if (byName.has(name)) throw new Error(`tool name ${name} is taken twice`);
      byName.set(name, entry);
    }
  }
  return { faces: entries.map((entry) => entry.face), find: (name) => byName.get(name) };
}

/** The JSON Schema (2020-12) of what goes in or comes out. */
export function jsonSchema(schema: z.ZodType, io: 'input' | 'output'): JsonSchema {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io, target: 'draft-2020-12' });
  return rest;
}

function face(tool: Tool): ToolFace {
  const { name, title, description, toolset, effect, scope, common, further, dispatches, aliases, examples } = tool;
  return {
    name,
    title,
    description,
    toolset,
    effect,
    scope,
    common,
    ...(further && { further }),
    ...(dispatches && { dispatches }),
    aliases,
    inputSchema: jsonSchema(tool.input, 'input'),
    outputSchema: jsonSchema(tool.output, 'output'),
    ...(examples.length > 0 && { examples }),
    annotations: {
      readOnlyHint: effect === 'read',
      destructiveHint: effect === 'destroy' || dispatches,
      idempotentHint: effect === 'read',
      openWorldHint: dispatches || toolset === 'orchestra' || toolset === 'workflows',
    },
  };
}
