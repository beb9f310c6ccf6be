import type { Catalogue, ToolFace } from '../core/catalogue.ts';
import { actionLimits } from './action-limits.ts';
import { openApiOf } from './openapi.ts';

/** Where calls come in whose answers are short enough for a GPT. */
export const actionsPath = '/actions';

/**
 * A toolset's OpenAPI description in the form that GPT Actions take: its tools without the further ones, short
 * descriptions, the one server that answers them, and whether a call needs the user's word.
 */
export function actionsOpenApi(
  catalogue: Catalogue,
  version: string,
  toolset: string,
  publicUrl?: string,
): Record<string, unknown> {
  const faces = catalogue.faces.filter((face) => face.toolset === toolset && !face.further);
  const { paths, ...document } = openApiOf(faces.map(shortened), { title: `Tutti: ${toolset}`, version });
  return {
    ...document,
    ...(publicUrl && { servers: [{ url: `${publicUrl.replace(/\/$/, '')}${actionsPath}` }] }),
    paths: Object.fromEntries(
      Object.entries(paths).map(([path, { post }]) => {
        const { 'x-effect': effect } = post;
        return [path, { post: { ...post, 'x-openai-isConsequential': effect !== 'read' } }];
      }),
    ),
  };
}

function shortened(face: ToolFace): ToolFace {
  return {
    ...face,
    title: firstSentences(face.title, actionLimits.descriptionChars),
    description: firstSentences(face.description, actionLimits.descriptionChars),
    inputSchema: shortSchema(face.inputSchema) as ToolFace['inputSchema'],
    outputSchema: withCut(shortSchema(face.outputSchema) as ToolFace['outputSchema']),
  };
}

function withCut(schema: ToolFace['outputSchema']): ToolFace['outputSchema'] {
  const description = `What was shortened to keep the answer below ${actionLimits.answerChars} characters, and how to ask for less; absent otherwise.`;
  return {
    ...schema,
    properties: { ...(schema.properties ?? {}), cut: { type: 'object', properties: {}, description } },
  };
}

/** A schema whose descriptions are short and whose objects all have `properties`. A property of these names is no keyword, and stays. */
function shortSchema(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(shortSchema);
  if (typeof schema !== 'object' || schema === null) return schema;
  const bare = (schema as { type?: unknown }).type === 'object' && !('properties' in schema);
  return Object.fromEntries(
    Object.entries({ ...schema, ...(bare && { properties: {} }) }).map(([key, value]) => [
      key,
      key === 'description' && typeof value === 'string'
        ? firstSentences(value, actionLimits.parameterChars)
        : shortSchema(value),
    ]),
  );
}

/** As many of the first sentences as there is room for; of one that is too long itself, the first words. */
export function firstSentences(text: string, max: number): string {
  if (text.length <= max) return text;
  const start = text.slice(0, max);
  const end = Math.max(...['. ', '; '].map((mark) => start.lastIndexOf(mark)));
  if (end > 0) return `${start.slice(0, end)}.`;
  return `${start.slice(0, max - 1).replace(/\s+\S*$/, '')}…`;
}
