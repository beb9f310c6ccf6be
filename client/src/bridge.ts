import type { Grant } from './bridge-control.ts';
import { type Agreed, type Endpoint, isMessage, type Message, parse, post, readLines } from './bridge-http.ts';
import { failureIn } from './bridge-notes.ts';
import { failureOf, isRepeatable, mayRepeat, readToolsOf } from './bridge-retry.ts';
import type { Session } from './bridge-session.ts';

export interface BridgeSettings {
  readonly input: AsyncIterable<Uint8Array>;
  /** Takes one message without its line feed. */
  readonly write: (line: string) => void;
  readonly session: Session;
  readonly endpoint: Endpoint;
  /** Takes summaries of the traffic, which name no payload. */
  readonly debug: (text: string) => void;
}

interface Running {
  readonly method: string;
  readonly controller: AbortController;
}

/** How long requests that still run are waited for once standard input has ended and a server is there. */
const graceMs = 1000;

/** Passes messages between standard input and the server, as they are and at once, until the input ends. */
export async function runBridge({ input, write, session, endpoint, debug }: BridgeSettings): Promise<void> {
  const running = new Map<string | number, Running>();
  const exchanges = new Set<Promise<void>>();
  const readTools = new Set<string>();
  const agreed: Agreed = {};

  for await (const line of readLines(input)) {
    if (line.trim() === '') continue;
    const parsed = parse(line);
    for (const message of Array.isArray(parsed) ? parsed : [parsed]) {
      if (isMessage(message)) take(message);
      else
        write(
          JSON.stringify({ jsonrpc: '2.0', error: { code: -32700, message: 'This line is no JSON-RPC message.' } }),
        );
    }
  }
  end((one) => one.method === 'subscriptions/listen');
  if (exchanges.size > 0) await Promise.race([Promise.all(exchanges), grace()]);
  end(() => true);
  session.close();

  function end(which: (one: Running) => boolean): void {
    for (const one of running.values()) if (which(one)) one.controller.abort();
  }

  async function grace(): Promise<void> {
    await session.current().catch(() => undefined);
    await new Promise((resolve) => setTimeout(resolve, graceMs).unref());
  }

  function take(message: Message): void {
    const { id, method } = message;
    const controller = new AbortController();
    if (method === 'notifications/cancelled') cancel(message);
    if (id !== undefined && method !== undefined) running.set(id, { method, controller });
    const exchange = deliver(message, controller.signal).finally(() => {
      if (id !== undefined && running.get(id)?.controller === controller) running.delete(id);
      exchanges.delete(exchange);
    });
    exchanges.add(exchange);
  }

  /** Hanging up cancels a request over HTTP; the older revisions have the notification too, which goes its way. */
  function cancel({ params = {} }: Message): void {
    running.get(params.requestId as string | number)?.controller.abort();
  }

  async function deliver(message: Message, signal: AbortSignal): Promise<void> {
    debug(`→ ${describe(message)}\n`);
    for (let attempt = 1; ; attempt += 1) {
      const heard = { any: false, answer: false };
      let grant: Grant | undefined;
      try {
        grant = await session.current();
        for await (const answer of post(grant, endpoint, message, agreed, signal)) {
          heard.any = true;
          if (answer.method === undefined) heard.answer = true;
          // Nobody waits for what a server has to say of a notification.
          if (answer.method !== undefined || isRequest(message)) pass(message, answer);
        }
        if (heard.answer || !isRequest(message)) return;
        throw new Error('the answer broke off');
      } catch (error) {
        if (signal.aborted) return;
        debug(`! ${describe(message)}: ${(error as Error).message}\n`);
        if (grant && attempt === 1 && !heard.any && mayRepeat(message, error, readTools)) {
          session.drop(grant);
          continue;
        }
        return fail(message, failureOf(error, grant !== undefined, isRepeatable(message, readTools)));
      }
    }
  }

  function fail(message: Message, error: Message['error']): void {
    if (isRequest(message)) write(JSON.stringify({ jsonrpc: '2.0', id: message.id, error }));
  }

  function pass(request: Message, answer: Message): void {
    if (request.method === 'initialize' && typeof answer.result?.protocolVersion === 'string')
      agreed.version = answer.result.protocolVersion;
    if (request.method === 'tools/list') for (const name of readToolsOf(answer)) readTools.add(name);
    // A refusal that could not read the request names none, yet it is the answer to this one.
    const isOurs = answer.method === undefined && answer.id == null && request.id !== undefined;
    const named = isOurs ? { ...answer, id: request.id } : answer;
    const line = JSON.stringify(named);
    debug(`← ${describe(named)}${failureIn(named)}, ${line.length} characters\n`);
    write(line);
  }
}

function isRequest(message: Message): boolean {
  return message.method !== undefined && message.id !== undefined;
}

/** What a message is, without what it says. */
function describe({ id, method, params, error }: Message): string {
  const about = id === undefined ? '' : ` #${id}`;
  const tool = method === 'tools/call' && typeof params?.name === 'string' ? ` ${params.name.slice(0, 100)}` : '';
  return `${method ?? (error ? `error ${error.code}` : 'result')}${tool}${about}`;
}
