import { createHmac, createPublicKey, verify } from 'node:crypto';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

export interface Received {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: bodies are checked by the tests themselves
  readonly body: any;
}

export interface Receiver {
  readonly url: string;
  /** All that came, in order. */
  readonly received: readonly Received[];
  /** What came to one path. */
  at(path: string): Received[];
  /** Resolves once `count` requests came to a path. */
  until(path: string, count: number): Promise<Received[]>;
  /** Answers requests to a path from now on; by default with 200. */
  answer(path: string, how: (response: ServerResponse, request: Received) => void): void;
  stop(): Promise<void>;
}

/** An HTTP server on loopback that keeps what is posted to it. */
export async function startReceiver(): Promise<Receiver> {
  const received: Received[] = [];
  const answers = new Map<string, (response: ServerResponse, request: Received) => void>();
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const text = Buffer.concat(chunks).toString();
      const one = { path: request.url ?? '', headers: request.headers, text, body: JSON.parse(text) };
      received.push(one);
      const answer = answers.get(one.path);
      if (answer) answer(response, one);
      else response.end('thanks');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const at = (path: string) => received.filter((one) => one.path === path);
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    at,
    async until(path, count) {
      const deadline = Date.now() + 30_000;
      while (at(path).length < count) {
        if (Date.now() > deadline) throw new Error(`${at(path).length} of ${count} requests came to ${path}`);
        await sleep(10);
      }
      return at(path);
    },
    answer: (path, how) => void answers.set(path, how),
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** The parts of a request that Standard Webhooks signs, worked out anew: https://www.standardwebhooks.com */
function signedParts({ headers, text }: Pick<Received, 'headers' | 'text'>): { content: string; signatures: string[] } {
  return {
    content: `${headers['webhook-id']}.${headers['webhook-timestamp']}.${text}`,
    signatures: String(headers['webhook-signature']).split(' '),
  };
}

/** Whether one of the `v1a` signatures is by this `whpk_` key. */
export function isSignedBy(publicKey: string, request: Pick<Received, 'headers' | 'text'>): boolean {
  const { content, signatures } = signedParts(request);
  // The fixed beginning of an Ed25519 key as SPKI (RFC 8410), then its 32 bytes.
  const der = Buffer.concat([
    Buffer.from('302a300506032b6570032100', 'hex'),
    Buffer.from(publicKey.replace(/^whpk_/, ''), 'base64'),
  ]);
  const key = createPublicKey({ key: der, format: 'der', type: 'spki' });
  return signatures
    .filter((one) => one.startsWith('v1a,'))
    .some((one) => verify(null, Buffer.from(content), key, Buffer.from(one.slice(4), 'base64')));
}

/** The `v1` signature of a message by the bytes of a key. */
export function v1(key: Buffer, id: string, timestamp: number | string, text: string): string {
  return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${text}`).digest('base64')}`;
}

/** Whether one of the signatures is the `v1` one by this key. */
export function isSignedWith(key: Buffer, request: Pick<Received, 'headers' | 'text'>): boolean {
  const { headers, text } = request;
  const expected = v1(key, String(headers['webhook-id']), String(headers['webhook-timestamp']), text);
  return signedParts(request).signatures.includes(expected);
}
