import type { Grant } from './bridge-control.ts';
import { type Failure, TuttiError } from './error.ts';
import { addressOf } from './request.ts';

/** A JSON-RPC message, known only as far as a bridge must know it. */
export interface Message {
  readonly jsonrpc: '2.0';
  readonly id?: string | number;
  readonly method?: string;
  readonly params?: Readonly<Record<string, unknown>>;
  readonly result?: Readonly<Record<string, unknown>>;
  readonly error?: { readonly code: number; readonly message: string; readonly data?: unknown };
}

/** Where the messages of a bridge go. */
export interface Endpoint {
  /** Below the server's address, such as `mcp/lake`. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
}

const versionKey = 'io.modelcontextprotocol/protocolVersion';
/** Which member of a request's params the header Mcp-Name repeats. */
const named: Readonly<Record<string, string>> = {
  'tools/call': 'name',
  'prompts/get': 'name',
  'resources/read': 'uri',
  'tasks/get': 'taskId',
  'tasks/update': 'taskId',
  'tasks/cancel': 'taskId',
};

/** What the answer to `initialize` settled for the messages that follow; those of newer revisions say it themselves. */
export interface Agreed {
  version?: string;
  session?: string;
}

/** Sends one message and answers the messages that come back. What is no answer of the protocol is thrown. */
export async function* post(
  grant: Grant,
  endpoint: Endpoint,
  message: Message,
  agreed: Agreed,
  signal: AbortSignal,
): AsyncGenerator<Message> {
  const response = await fetch(addressOf(grant.url, endpoint.path), {
    method: 'POST',
    headers: {
      ...endpoint.headers,
      ...headersOf(message, agreed),
      authorization: `Bearer ${grant.token}`,
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
    },
    body: JSON.stringify(message),
    signal,
  });
  const session = response.headers.get('mcp-session-id');
  if (session !== null) agreed.session = session;
  if (response.headers.get('content-type')?.startsWith('text/event-stream') && response.body) {
    yield* readEvents(response.body);
    return;
  }
  const text = await response.text();
  const body = parse(text);
  if (isMessage(body)) yield body;
  else if (!response.ok) throw refused(response, body, text);
}

/** The headers that repeat what a message says; before revision 2026-07-28 there is only what was agreed on. */
function headersOf({ id, method, params = {} }: Message, agreed: Agreed): Record<string, string> {
  const version = (params._meta as Record<string, unknown> | undefined)?.[versionKey];
  if (typeof version !== 'string' || method === undefined) {
    return {
      ...(agreed.version ? { 'mcp-protocol-version': agreed.version } : {}),
      ...(agreed.session ? { 'mcp-session-id': agreed.session } : {}),
    };
  }
  if (id === undefined) return { 'mcp-protocol-version': version };
  const name = Object.hasOwn(named, method) ? params[named[method] as string] : undefined;
  return {
    'mcp-protocol-version': version,
    'mcp-method': method,
    ...(typeof name === 'string' ? { 'mcp-name': headerValue(name) } : {}),
  };
}

/** A value that no header can carry as it is goes in the protocol's base64 form. */
function headerValue(text: string): string {
  const plain = /^[\x21-\x7e]([\t\x20-\x7e]*[\x21-\x7e])?$/.test(text) && !/^=\?base64\?.*\?=$/.test(text);
  return plain ? text : `=?base64?${Buffer.from(text).toString('base64')}?=`;
}

/** The messages of an event stream: one a block, in its `data` lines. */
async function* readEvents(body: ReadableStream<Uint8Array>): AsyncGenerator<Message> {
  let data: string[] = [];
  for await (const line of readLines(body)) {
    if (line.startsWith('data:')) data.push(line.slice(5).replace(/^ /, ''));
    if (line !== '' || data.length === 0) continue;
    const message = parse(data.join('\n'));
    data = [];
    if (isMessage(message)) yield message;
  }
}

/** The lines of a stream of bytes. Only line feeds end them: JSON may hold every other separator. */
export async function* readLines(stream: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  const parts: string[] = [];
  for await (const chunk of stream) {
    const [first = '', ...others] = decoder.decode(chunk, { stream: true }).split('\n');
    parts.push(first);
    for (const next of others) {
      yield parts.splice(0).join('').replace(/\r$/, '');
      parts.push(next);
    }
  }
  const last = parts.join('');
  if (last !== '') yield last;
}

export function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export function isMessage(value: unknown): value is Message {
  return typeof value === 'object' && value !== null && (value as Partial<Message>).jsonrpc === '2.0';
}

function refused(response: Response, body: unknown, text: string): TuttiError {
  const { error } = (body ?? {}) as { error?: Partial<Failure> };
  if (typeof error?.code === 'string') return new TuttiError(error as Failure, response.status);
  const failure = {
    code: 'UNEXPECTED_ANSWER',
    message: `The server answered with status ${response.status}, and not as Tutti does.`,
    suggestion: 'See its log, server.log in the data directory.',
    retryable: response.status >= 500,
    details: { untrusted: true, source: 'server', text: text.slice(0, 2000) },
  };
  return new TuttiError(failure, response.status);
}
