import { type OutgoingHttpHeaders, request } from 'node:http';
import type { Answer } from './server.ts';

interface RawRequest {
  readonly method?: string;
  readonly headers?: OutgoingHttpHeaders;
  /** Sent as they are; more than one go out in chunks unless content-length is given. */
  readonly body?: readonly (string | Buffer)[];
}

/** An HTTP request with exactly these headers, Host included, which `fetch` would not let us choose. */
export function raw(
  url: string,
  { method = 'GET', headers = {}, body = [] }: RawRequest = {},
): Promise<Answer & { readonly headers: NodeJS.Dict<string | string[]>; readonly text: string }> {
  return new Promise((resolve, reject) => {
    let answered = false;
    const call = request(url, { method, headers, agent: false }, (response) => {
      answered = true;
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString();
        resolve({ status: response.statusCode ?? 0, body: parsed(text), headers: response.headers, text });
      });
    });
    // A server may answer and hang up before it has read all of a body.
    call.on('error', (error) => !answered && reject(error));
    for (const part of body) call.write(part);
    call.end();
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
