import type { CallToolResult } from '@modelcontextprotocol/client';
import { wordsOf } from './failure.ts';
import { DownstreamError, type DownstreamTool } from './types.ts';

/**
 * What a tool answered: its structured content, a list out of the wrapping that FastMCP puts around it; without any, the
 * JSON of its text, or the text itself. What is no text stays as it came, as `{content: […]}`.
 */
export function resultOf(result: CallToolResult, tool: DownstreamTool | undefined): unknown {
  if (result.isError === true) throw new DownstreamError('tool_error', wordsOf(textOf(result)), true);
  const structured = result.structuredContent as unknown;
  if (structured !== undefined) return isWrapped(tool, structured) ? structured.result : structured;
  if (result.content.length === 0) return null;
  if (result.content.some(({ type }) => type !== 'text')) return { content: result.content };
  const text = textOf(result);
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

function isWrapped(tool: DownstreamTool | undefined, structured: unknown): structured is { readonly result: unknown } {
  if (tool?.outputSchema?.['x-fastmcp-wrap-result'] !== true) return false;
  return typeof structured === 'object' && structured !== null && 'result' in structured;
}

function textOf({ content }: CallToolResult): string {
  return content.flatMap((block) => (block.type === 'text' ? [block.text] : [])).join('\n');
}
