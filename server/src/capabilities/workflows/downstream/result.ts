import type { CallToolResult } from '@modelcontextprotocol/client';
import { redact } from '../../../core/redact.ts';
import { wordsOf } from './failure.ts';
import { DownstreamError, type DownstreamTool } from './types.ts';

/**
 * What a tool answered: its structured content, a list out of the wrapping that FastMCP puts around it; without any, the
 * JSON of its text, or the text itself. What is no text stays as it came, as `{content: […]}`.
 */
export function resultOf(result: CallToolResult, tool: DownstreamTool | undefined): unknown {
  if (result.isError === true) throw new DownstreamError('tool_error', wordsOf(textOf(result)), true);
  if (isTooDeep(result)) throw tooDeep();
  const structured = result.structuredContent as unknown;
  if (structured !== undefined) return isWrapped(tool, structured) ? structured.result : structured;
  if (result.content.length === 0) return null;
  if (result.content.some(({ type }) => type !== 'text')) return { content: result.content };
  const text = textOf(result);
  const parsed = parseJson(text);
  if (isTooDeep(parsed)) throw tooDeep();
  return parsed === undefined ? text : parsed;
}

/** Deepest nesting that is taken, as of what callers send: whatever walks a value by calling itself survives it. */
const maxDepth = 200;

function isTooDeep(value: unknown): boolean {
  let level = [value];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > maxDepth) return true;
    level = level.flatMap((one) => (typeof one === 'object' && one !== null ? (Object.values(one) as unknown[]) : []));
  }
  return false;
}

function tooDeep(): DownstreamError {
  return new DownstreamError('bad_answer', `Its answer is nested more than ${maxDepth} deep.`, true);
}

/** Undefined for what is no JSON. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** The value without the secrets of this process, which a server that was given one may well repeat. */
export function withoutSecrets(value: unknown): unknown {
  const text = JSON.stringify(value) ?? '';
  return redact(text) === text ? value : cleaned(value);
}

function cleaned(value: unknown): unknown {
  if (typeof value === 'string') return redact(value);
  if (Array.isArray(value)) return value.map(cleaned);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [redact(key), cleaned(member)]));
}

function isWrapped(tool: DownstreamTool | undefined, structured: unknown): structured is { readonly result: unknown } {
  if (tool?.outputSchema?.['x-fastmcp-wrap-result'] !== true) return false;
  return typeof structured === 'object' && structured !== null && 'result' in structured;
}

function textOf({ content }: CallToolResult): string {
  return content.flatMap((block) => (block.type === 'text' ? [block.text] : [])).join('\n');
}
