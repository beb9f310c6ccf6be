import { setTimeout as sleep } from 'node:timers/promises';
import type { ServeProcess } from './serve-process.ts';

// biome-ignore lint/suspicious/noExplicitAny: answers are checked by the tests themselves
type Body = any;

/**
 * How a call ended for its caller: `answered`; `refused` in an envelope that says to try again; `unanswered`, where no
 * answer began; or `wrong`, which no caller should meet: an answer that broke off, or a failure without such an envelope.
 */
export interface Outcome {
  readonly kind: 'answered' | 'refused' | 'unanswered' | 'wrong';
  readonly status?: number;
  readonly body?: Body;
}

/** Sends a request and says how it ended; never throws. */
export async function outcomeOf(request: Promise<Response>): Promise<Outcome> {
  let response: Response;
  try {
    response = await request;
  } catch (error) {
    return { kind: 'unanswered', body: String((error as Error).cause ?? error) };
  }
  const { status } = response;
  let text = '';
  try {
    text = await response.text();
    // MCP may answer as a stream of one event.
    return judge(status, JSON.parse(/^data: (.*)$/m.exec(text)?.[1] ?? text));
  } catch (error) {
    return { kind: 'wrong', status, body: `${text.slice(0, 500)} ${error}` };
  }
}

function judge(status: number, body: Body): Outcome {
  const error =
    body.success === false ? body.error : body.result?.isError && JSON.parse(body.result.content[0].text).error;
  if (!error) return { kind: status === 200 ? 'answered' : 'wrong', status, body };
  const polite = error.retryable === true && typeof error.suggestion === 'string' && error.code !== 'INTERNAL';
  return { kind: polite ? 'refused' : 'wrong', status, body };
}

/** Calls a tool over REST. */
export function tryCall(server: ServeProcess, name: string, input: unknown): Promise<Outcome> {
  return outcomeOf(
    fetch(`${server.url}/tools/${name}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${server.token}` },
      body: JSON.stringify(input),
      signal: AbortSignal.timeout(60_000),
    }),
  );
}

export interface Writing {
  /** Names of datasets whose registration was answered with success. */
  readonly acknowledged: string[];
  /** How the others ended. */
  readonly others: Outcome[];
  /** Waits until so many more are acknowledged. */
  more(count: number): Promise<void>;
  stop(): Promise<void>;
}

/** Registers datasets, some at a time, until told to stop. `server` is asked each time, for it may be a new one. */
export function keepWriting(server: () => ServeProcess, prefix: string, atOnce = 4): Writing {
  const acknowledged: string[] = [];
  const others: Outcome[] = [];
  let count = 0;
  let stopped = false;
  const one = async () => {
    while (!stopped) {
      count += 1;
      const name = `${prefix}-${count}`;
      const outcome = await tryCall(server(), 'register_dataset', { name, uri: `tutti://${name}` });
      if (outcome.kind === 'answered') acknowledged.push(name);
      else {
        others.push(outcome);
        await sleep(50);
      }
    }
  };
  const all = Promise.all(Array.from({ length: atOnce }, one));
  return {
    acknowledged,
    others,
    async more(more) {
      const goal = acknowledged.length + more;
      while (acknowledged.length < goal) await sleep(10);
    },
    async stop() {
      stopped = true;
      await all;
    },
  };
}

/** The names of all datasets. */
export async function datasetNames(server: ServeProcess): Promise<Set<string>> {
  const names = new Set<string>();
  let page: unknown;
  do {
    const { body } = await server.call('list_datasets', { page_size: 200, ...(page ? { page } : {}) });
    for (const item of body.items as { name: string }[]) names.add(item.name);
    page = body.next_page;
  } while (page);
  return names;
}
