import { setTimeout as sleep } from 'node:timers/promises';

// biome-ignore lint/suspicious/noExplicitAny: what comes is checked by the tests
export type SseEvent = { readonly id: string; readonly event: string; readonly data: any };

export interface SseReader {
  readonly status: number;
  readonly headers: Headers;
  /** All events so far. */
  readonly events: readonly SseEvent[];
  /** The id of the last block, an event or not. */
  readonly lastId: () => string;
  /** Waits until there are so many events. */
  until(count: number): Promise<readonly SseEvent[]>;
  /** Settles when the server ended the stream. */
  readonly ended: Promise<void>;
  /** Cuts the connection. */
  cut(): void;
}

/** Follows a stream of server-sent events, as a browser's EventSource would. */
export async function openSse(url: string, token: string, headers: Record<string, string> = {}): Promise<SseReader> {
  const cutting = new AbortController();
  const response = await fetch(url, {
    headers: { authorization: `Bearer ${token}`, ...headers },
    signal: cutting.signal,
  });
  const events: SseEvent[] = [];
  let lastId = '';
  return {
    status: response.status,
    headers: response.headers,
    events,
    lastId: () => lastId,
    async until(count) {
      while (events.length < count) await sleep(5);
      return events;
    },
    ended: follow(),
    cut: () => cutting.abort(),
  };

  async function follow(): Promise<void> {
    let rest = '';
    const decoder = new TextDecoder();
    try {
      for await (const chunk of response.body ?? []) {
        const blocks = (rest + decoder.decode(chunk, { stream: true })).split('\n\n');
        rest = blocks.pop() ?? '';
        for (const block of blocks) take(block);
      }
    } catch (error) {
      if (!cutting.signal.aborted) throw error;
    }
  }

  function take(block: string): void {
    const lines = new Map(block.split('\n').map((line) => [line.split(': ', 1)[0] ?? '', line.replace(/^\w*: /, '')]));
    lastId = lines.get('id') ?? lastId;
    const data = lines.get('data');
    if (data !== undefined) events.push({ id: lastId, event: lines.get('event') ?? '', data: JSON.parse(data) });
  }
}
