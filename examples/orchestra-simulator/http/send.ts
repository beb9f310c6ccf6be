import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Answer } from './answer.ts';
import type { Fault } from './faults.ts';
import { fuzzed } from './fuzz.ts';

const trickleParts = 8;
const hugeBytes = 20_000_000;

/** Sends an answer, badly where its faults say so. */
export async function send(response: ServerResponse, answer: Answer, faults: readonly Fault[]): Promise<void> {
  const fault = (name: string) => faults.find((one) => one.name === name);
  if (fault('reset-after')) return void response.destroy();
  // Never answers; the connection ends with the client's patience.
  if (fault('hang')) return;
  const bytes = bytesOf(answer, fault);
  const headers = { ...(answer.bytes ? {} : { 'content-type': 'application/json' }), ...answer.headers };
  response.writeHead(answer.status, bytes.length > 0 ? { ...headers, 'content-length': bytes.length } : headers);
  if (fault('cut')) {
    response.write(bytes.subarray(0, Math.floor(bytes.length / 2)), () => response.destroy());
    return;
  }
  const trickle = fault('trickle');
  if (!trickle) return void response.end(bytes);
  const part = Math.ceil(bytes.length / trickleParts);
  for (let at = 0; at < bytes.length && !response.destroyed; at += part) {
    response.write(bytes.subarray(at, at + part));
    await sleep(Number(trickle.value));
  }
  response.end();
}

function bytesOf({ bytes, body }: Answer, fault: (name: string) => Fault | undefined): Uint8Array {
  const fuzz = fault('fuzz');
  if (fault('huge')) return Buffer.alloc(hugeBytes, ' ');
  if (fault('not-json')) return Buffer.from('<html>502 Bad Gateway</html>');
  if (bytes) return bytes;
  if (body === undefined) return Buffer.alloc(0);
  const value = fuzz ? fuzzed(body, Number(fuzz.value)) : body;
  return Buffer.from(JSON.stringify(value) ?? '');
}
