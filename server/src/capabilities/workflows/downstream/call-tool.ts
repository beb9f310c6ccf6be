import { type CallToolResult, SdkError, SdkErrorCode, type Tool } from '@modelcontextprotocol/client';
import { traceContext } from '../../../core/telemetry/trace.ts';
import type { DownstreamServer } from '../../../core/workflows-settings.ts';
import { canceled, timedOut, wordsOf } from './failure.ts';
import type { Link } from './link.ts';
import type { OutputCheck } from './output-check.ts';
import { resultOf, withoutSecrets } from './result.ts';
import { failureIn } from './tracker.ts';
import { type CallOptions, DownstreamError, type DownstreamTool } from './types.ts';

export interface ToolCall {
  readonly link: Link;
  readonly tool: DownstreamTool;
  readonly check: OutputCheck | undefined;
  readonly args: Readonly<Record<string, unknown>>;
  readonly options: CallOptions;
}

/** Calls a tool once on an open connection. Throws what the client throws, and `DownstreamError` for what it cannot know. */
export async function callTool(server: DownstreamServer, call: ToolCall): Promise<unknown> {
  const { link, tool, options } = call;
  const before = link.noise();
  const most = server.max_timeout_s * 1000;
  const timeout = Math.min(options.timeoutMs ?? server.timeout_s * 1000, most);
  const limit = new AbortController();
  // The client looks at a maximum only when progress comes, and then grants the whole time again.
  const timer = setTimeout(() => limit.abort(tooLate()), most);
  try {
    options.onSend?.();
    const answer = await link.client.callTool(paramsOf(call), {
      timeout,
      resetTimeoutOnProgress: true,
      onprogress: ({ progress, total, message }) => {
        const fraction = total !== undefined && total > 0 ? Math.min(1, Math.max(0, progress / total)) : undefined;
        options.onProgress?.(fraction, message === undefined ? undefined : wordsOf(message).slice(0, 200));
      },
      signal: options.signal ? AbortSignal.any([limit.signal, options.signal]) : limit.signal,
      // Its output is checked here, within bounds that a hostile schema cannot pass.
      toolDefinition: { ...tool, outputSchema: undefined } as unknown as Tool,
    });
    return withoutSecrets(checked(answer as CallToolResult, call));
  } catch (error) {
    throw explain(error, call, link.noise() > before);
  } finally {
    clearTimeout(timer);
  }
}

function paramsOf({ tool, args, options }: ToolCall) {
  const key = options.idempotencyKey;
  const meta = { ...traceContext(), ...(key !== undefined && { 'tutti/idempotency-key': key }) };
  return { name: tool.name, arguments: { ...args }, ...(Object.keys(meta).length > 0 && { _meta: meta }) };
}

function checked(answer: CallToolResult, { tool, check }: ToolCall): unknown {
  const result = resultOf(answer, tool);
  if (check === undefined) return result;
  if (answer.structuredContent === undefined) {
    throw new DownstreamError('bad_answer', 'It declares an output schema and gave no structured content.', true);
  }
  const wrong = check(answer.structuredContent);
  if (wrong !== undefined) {
    throw new DownstreamError('bad_answer', wordsOf(`Its answer misses its own output schema: ${wrong}`), true);
  }
  return result;
}

/** Of a call that timed out, whose fault that was: the caller gave up, or what came was no answer. */
function explain(error: unknown, { link, options }: ToolCall, noisy: boolean): unknown {
  const known = failureIn(error);
  if (known) return known;
  if (options.signal?.aborted) return canceled(true);
  if (!(error instanceof SdkError)) return error;
  if (error.code === SdkErrorCode.ConnectionClosed) return link.failure() ?? error;
  if (error.code !== SdkErrorCode.RequestTimeout) return error;
  if (!noisy) return timedOut(true);
  return new DownstreamError(
    'bad_answer',
    'It wrote what is no message of MCP, and no answer until its time was over.',
    true,
    'Have the operator check that the server speaks MCP on its stdout, and nothing else.',
  );
}

function tooLate(): SdkError {
  return new SdkError(SdkErrorCode.RequestTimeout, 'Maximum time exceeded');
}
