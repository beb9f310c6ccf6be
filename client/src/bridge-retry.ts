import type { Message } from './bridge-http.ts';
import { TuttiError } from './error.ts';

/** Methods that change nothing, so that a repeat is the same. Others are `tools/call`, of which that depends. */
const reads =
  /^(initialize|ping|server\/discover|(tools|resources|resources\/templates|prompts)\/list|resources\/read|prompts\/get|completion\/complete|tasks\/get|subscriptions\/listen|resources\/(un)?subscribe|logging\/setLevel)$/;

/** Whether a message may be sent once more after this failure: it did not arrive, or a repeat is the same. */
export function mayRepeat(message: Message, error: unknown, readTools: ReadonlySet<string>): boolean {
  if (error instanceof TuttiError) return error.status === 401;
  return neverArrived(error) || isRepeatable(message, readTools);
}

export function isRepeatable({ method = '', params = {} }: Message, readTools: ReadonlySet<string>): boolean {
  if (method !== 'tools/call') return reads.test(method);
  const input = params.arguments as Record<string, unknown> | undefined;
  return readTools.has(String(params.name)) || typeof input?.idempotency_key === 'string';
}

function neverArrived(error: unknown): boolean {
  const { code } = ((error as Error).cause ?? {}) as NodeJS.ErrnoException;
  return code === 'ECONNREFUSED';
}

/** The names of the tools that only read, as far as an answer to `tools/list` tells them. */
export function readToolsOf({ result }: Message): string[] {
  const tools = result?.tools;
  if (!Array.isArray(tools)) return [];
  return tools.filter((tool) => tool?.annotations?.readOnlyHint === true).map((tool) => String(tool.name));
}

/**
 * The protocol's error for a request that got no answer of the protocol. `sent` tells whether it may have arrived,
 * `mayTry` whether that makes no difference.
 */
export function failureOf(error: unknown, sent: boolean, mayTry: boolean): NonNullable<Message['error']> {
  const known =
    error instanceof TuttiError ? error : sent && !neverArrived(error) ? brokenOff(mayTry) : unreachable(error);
  const { code, message, suggestion, retryable, details } = known;
  const data = { code, message, suggestion, retryable, ...(details === undefined ? {} : { details }) };
  return { code: -32000, message: `${message} ${suggestion}`, data: { success: false, error: data } };
}

function unreachable(error: unknown): TuttiError {
  return new TuttiError({
    code: 'UNAVAILABLE',
    message: 'The Tutti server cannot be reached; nothing was called.',
    suggestion: 'Try again. If it stays, start the server by hand with `tutti serve` and see what it says.',
    retryable: true,
    details: { cause: error instanceof Error ? error.message : String(error) },
  });
}

function brokenOff(mayTry: boolean): TuttiError {
  return new TuttiError({
    code: 'UNAVAILABLE',
    message: `The server went away before it answered${mayTry ? '' : '; whether the call took effect is not known'}.`,
    suggestion: mayTry
      ? 'Ask again.'
      : 'Look whether it did, then call again. A call with an idempotency_key may be repeated without looking.',
    retryable: true,
  });
}
