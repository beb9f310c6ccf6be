import type { z } from 'zod';
import { expandGrants } from '../../src/core/auth/principal.ts';
import { errorRow } from '../../src/core/errors.ts';
import { actionLimits } from '../../src/surfaces/action-limits.ts';
import { findLeaks, type Secrets } from './leaks.ts';
import { type FuzzRequest, grants, type Surface } from './request.ts';
import type { Answer } from './send.ts';

export interface Judge {
  readonly secrets: Secrets;
  /** What the answers of each tool must meet, and the scope that it takes. */
  readonly tools: ReadonlyMap<string, { readonly output: z.ZodType; readonly scope: string; readonly effect: string }>;
}

export interface Verdict {
  /** Codes of errors, or `ok`. */
  readonly codes: readonly string[];
  /** What is wrong, each in a sentence; empty for an answer as it should be. */
  readonly problems: readonly string[];
}

type Json = Record<string, unknown>;

/** Node's parser refuses these before anybody looks at the request, and says no more than the status. */
const bare = new Set([400, 408, 413, 414, 417, 431]);
/** Where nobody comes in without a token. */
const byToken: ReadonlySet<Surface> = new Set(['tools', 'actions', 'resources', 'mcp', 'events']);
/** Where a tool is called by its path. */
const toolCalls: ReadonlySet<Surface> = new Set(['tools', 'actions']);
/** There is no Docker engine for these requests: that it is told is as it should be. */
const absent = 'DOCKER_UNAVAILABLE';
/** JSON-RPC's own word for a failure inside a server. */
const internalError = -32603;

/** Judges an answer by all that must hold for any request whatever. */
export function judge(request: FuzzRequest, answer: Answer, { secrets, tools }: Judge): Verdict {
  const codes: string[] = [];
  const problems: string[] = [];
  const { status, text } = answer;

  if (answer.failure) problems.push(answer.failure);
  if (status >= 500 && codeOf(text) !== absent) problems.push(`answered ${status}`);
  if (request.surface === 'control') controlAnswer();
  else if (request.chunks)
    for (const said of text.matchAll(/^HTTP\/1\.1 (5\d\d)/gm)) problems.push(`answered ${said[1]}`);
  else if (status >= 400) failure();
  else if (status >= 200 && toolCalls.has(request.surface)) output(parsed(text), text.length);
  else if (status >= 200 && request.surface === 'mcp') for (const message of messagesOf(answer)) reply(message);
  if (codes.length === 0) codes.push(status < 400 ? 'ok' : 'bare');
  // 202 takes note of a message that nobody answers, whatever it holds.
  if (codes.includes('ok') && status > 0 && status !== 202) allowed();

  const sent = [request.path, ...request.headers.flat(), request.body, ...(request.chunks ?? [])].join('\n');
  // What the control socket is for is a token.
  const tokens = request.surface === 'control' ? new Map<string, string>() : secrets.values;
  problems.push(...findLeaks(`${answer.headers}\n${text}`, sent, { ...secrets, values: tokens }));
  return { codes, problems };

  function failure(): void {
    if (request.method === 'HEAD' || (text === '' && bare.has(status))) return;
    const body = parsed(text);
    if (request.surface === 'mcp' && isJson(body) && 'jsonrpc' in body) reply(body);
    else envelope(body, status);
  }

  /** The one body of every failure, with a code of the table. */
  function envelope(body: unknown, expected?: number): void {
    const { success, error } = (isJson(body) ? body : {}) as { success?: unknown; error?: Json };
    const { code, message, suggestion, retryable } = error ?? {};
    codes.push(String(code ?? 'none'));
    const whole = [code, message, suggestion].every((one) => typeof one === 'string' && one.trim() !== '');
    if (success !== false || !whole || typeof retryable !== 'boolean')
      return void problems.push('an error without its envelope');
    const row = errorRow(String(code));
    if (code === 'INTERNAL' || (row.http >= 500 && code !== absent)) problems.push(`failed with ${String(code)}`);
    if (expected !== undefined && row.http !== expected)
      problems.push(`answered ${status} with the code ${String(code)}`);
  }

  function reply(message: unknown): void {
    if (!isJson(message)) return void problems.push('an answer that is no JSON');
    const { error, result } = message as { error?: Json; result?: Json };
    if (error) {
      if (error.code === internalError) problems.push('failed with an internal error of the protocol');
      if (isJson(error.data) && 'success' in error.data) envelope(error.data);
      else codes.push(String(error.code));
    } else if (result?.isError === true) {
      envelope(parsed((result.content as { text: string }[])[0]?.text ?? ''));
    } else if (result?.structuredContent !== undefined) {
      const said = (result.content as { text: string }[])[0]?.text;
      if (said !== JSON.stringify(result.structuredContent)) problems.push('a text that is not its structure');
      output(result.structuredContent);
    } else codes.push('ok');
  }

  function output(body: unknown, length = 0): void {
    codes.push('ok');
    if (request.surface === 'actions' && length > actionLimits.answerChars)
      problems.push('an answer too long for a GPT');
    if (!isJson(body)) return void problems.push('an answer that is no JSON object');
    const misses = request.tool && tools.get(request.tool)?.output.safeParse(body).error;
    if (misses) problems.push(`an output that misses its schema: ${misses.issues[0]?.path.join('.')}`);
  }

  /** Nobody gets in who may not: by his token, or by the header that makes a connection read-only. */
  function allowed(): void {
    const known = request.tool === undefined ? undefined : tools.get(request.tool);
    const nobody = grants[request.caller].length === 0;
    const guarded = byToken.has(request.surface) || request.path === '/metrics';
    if (nobody && guarded && status < 300 && request.method !== 'OPTIONS') problems.push('let somebody in');
    if (!known) return;
    const may = expandGrants(grants[request.caller]).scopes;
    if (!may.has(known.scope)) problems.push(`called without the scope ${known.scope}`);
    const readOnly = request.headers.some(([name, value]) => name === 'x-mcp-readonly' && value === 'true');
    // What a tool that calls another may do is asked of that one.
    if (readOnly && known.effect !== 'read' && request.tool !== 'call_tool')
      problems.push('changed something read-only');
  }

  function controlAnswer(): void {
    const body = parsed(text);
    if (text === '') return;
    if (isJson(body) && typeof body.token === 'string') return void codes.push('ok');
    envelope(body);
  }
}

/** The messages of an answer over MCP: one, a batch, or those of a stream. */
function messagesOf({ headers, text }: Answer): unknown[] {
  if (!/content-type[:\n] ?text\/event-stream/i.test(headers)) {
    const body = text === '' ? [] : parsed(text);
    return Array.isArray(body) ? body : [body];
  }
  // A stream may have been cut within its last line.
  return [...text.matchAll(/^data: ?(.+)\n\n/gm)]
    .map(([, data = '']) => parsed(data))
    .filter((one) => one !== undefined);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function codeOf(text: string): unknown {
  const body = parsed(text);
  return isJson(body) && isJson(body.error) ? body.error.code : undefined;
}

function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
