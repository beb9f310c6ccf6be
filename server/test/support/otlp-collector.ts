import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** A span as it arrives in OTLP's JSON, with plain attributes. */
export interface ReceivedSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string | undefined;
  readonly name: string;
  /** 1 internal, 2 server, 3 client, 4 producer, 5 consumer. */
  readonly kind: number;
  /** 2 is an error. */
  readonly status: number;
  readonly facts: Readonly<Record<string, unknown>>;
  readonly events: readonly { readonly name: string; readonly facts: Readonly<Record<string, unknown>> }[];
  readonly links: readonly { readonly traceId: string; readonly spanId: string }[];
  readonly service: string;
}

export interface Collector {
  /** Where traces are POSTed to. */
  readonly url: string;
  readonly spans: readonly ReceivedSpan[];
  /** Everything that arrived, as it came over the wire: request lines, headers, bodies. */
  readonly wire: () => string;
  readonly requests: () => number;
  /** `take` by default; `hang` answers nothing, `fail` answers 500. */
  behave(how: 'take' | 'hang' | 'fail'): void;
  /** Waits until a span of that name is here. */
  seen(name: string | RegExp, count?: number): Promise<ReceivedSpan>;
  close(): Promise<void>;
}

/** A collector of traces on loopback, which speaks OTLP/HTTP in JSON. */
export async function startCollector(): Promise<Collector> {
  const spans: ReceivedSpan[] = [];
  const wire: string[] = [];
  let how: 'take' | 'hang' | 'fail' = 'take';
  let requests = 0;
  const server = createServer((request, response) => {
    requests += 1;
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString();
      wire.push(`${request.method} ${request.url}\n${JSON.stringify(request.headers)}\n${body}`);
      if (how === 'take') answer(response, request.headers['content-type'], body);
      if (how === 'fail') response.writeHead(500).end('no');
    });
  });
  function answer(response: ServerResponse, type: string | undefined, body: string): void {
    if (type !== 'application/json') return void response.writeHead(415).end();
    spans.push(...spansOf(JSON.parse(body)));
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
  }
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/traces`,
    spans,
    wire: () => wire.join('\n'),
    requests: () => requests,
    behave: (next) => {
      how = next;
    },
    async seen(name, count = 1) {
      const matches = (span: ReceivedSpan) => (typeof name === 'string' ? span.name === name : name.test(span.name));
      for (;;) {
        const found = spans.filter(matches)[count - 1];
        if (found) return found;
        await sleep(20);
      }
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

// biome-ignore lint/suspicious/noExplicitAny: JSON from the wire; the tests check what they use of it
type Json = any;

function spansOf(body: Json): ReceivedSpan[] {
  return body.resourceSpans.flatMap(({ resource, scopeSpans }: Json) =>
    scopeSpans.flatMap(({ spans }: Json) =>
      spans.map((span: Json) => ({
        traceId: span.traceId,
        spanId: span.spanId,
        parentSpanId: span.parentSpanId || undefined,
        name: span.name,
        kind: span.kind,
        status: span.status?.code ?? 0,
        facts: factsOf(span.attributes),
        events: (span.events ?? []).map((event: Json) => ({ name: event.name, facts: factsOf(event.attributes) })),
        links: (span.links ?? []).map(({ traceId, spanId }: Json) => ({ traceId, spanId })),
        service: factsOf(resource.attributes)['service.name'],
      })),
    ),
  );
}

function factsOf(attributes: Json[] = []): Record<string, unknown> {
  return Object.fromEntries(
    attributes.map(({ key, value }) => {
      const [[type, inner] = []] = Object.entries(value);
      return [key, type === 'intValue' ? Number(inner) : inner];
    }),
  );
}
