import { createHash } from 'node:crypto';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';

/** How the endpoint answers its next requests: the first entry the next one, and so on; then as it should. */
export type Fault =
  | { readonly status: number; readonly retryAfter?: string; readonly body?: string }
  | { readonly dimensions: number }
  | { readonly hangs: true };

/** An endpoint of the OpenAI embeddings API on loopback. Its vectors are bags of hashed words: like texts are near. */
export async function startEmbeddingEndpoint(dimensions = 32) {
  const calls: { readonly headers: IncomingHttpHeaders; readonly model: string; readonly input: string[] }[] = [];
  const faults: Fault[] = [];
  let closedUntil = 0;
  let early = 0;
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const { model, input } = (await json(request)) as { model: string; input: string[] };
    calls.push({ headers: request.headers, model, input });
    // A timer may fire a moment before its time.
    if (Date.now() < closedUntil - 20) early += 1;
    const fault = faults.shift();
    if (fault && 'hangs' in fault) return;
    if (fault && 'status' in fault) {
      closedUntil = fault.retryAfter === undefined ? 0 : readyAt(fault.retryAfter);
      response.writeHead(fault.status, fault.retryAfter === undefined ? {} : { 'retry-after': fault.retryAfter });
      response.end(fault.body ?? '{"error": {"message": "no"}}');
      return;
    }
    const size = fault?.dimensions ?? dimensions;
    const data = input.map((text, index) => ({ object: 'embedding', index, embedding: hashVector(text, size) }));
    response.writeHead(200, { 'content-type': 'application/json' });
    // Not in their order: the index counts.
    response.end(JSON.stringify({ object: 'list', model, data: data.reverse() }));
  };
  const server = createServer((request, response) => void answer(request, response).catch(() => response.destroy()));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    calls,
    faults,
    /** Requests that came before the time that Retry-After had named. */
    early: () => early,
    /** All texts that were sent, in order. */
    texts: () => calls.flatMap(({ input }) => input),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** When a Retry-After ends: it is a number of seconds or a date. */
function readyAt(header: string): number {
  return /^\d+$/.test(header) ? Date.now() + Number(header) * 1000 : Date.parse(header);
}

/** The vector of a text: its words, each hashed to a few places, of length 1. */
export function hashVector(text: string, dimensions: number): number[] {
  const vector = new Array<number>(dimensions).fill(0);
  for (const word of text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []) {
    const digest = createHash('sha256').update(word).digest();
    for (let at = 0; at < 6; at++) {
      const place = digest.readUInt16LE(at * 2) % dimensions;
      vector[place] = (vector[place] as number) + ((digest[20 + at] as number) % 2 === 0 ? 1 : -1);
    }
  }
  const length = Math.hypot(...vector);
  return length === 0 ? vector.map((_, at) => (at === 0 ? 1 : 0)) : vector.map((value) => value / length);
}
