import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { createLog } from '../log.ts';
import { SettingsError } from '../settings.ts';
import { checkS3 } from './s3-check.ts';

// Stores that no real service of the tests is: one without conditional writes, and AWS with its regions.
let store: Server;
afterEach(() => store.close());

async function check(answer: (request: IncomingMessage, response: ServerResponse) => void, shared = true) {
  store = createServer((request, response) => {
    request.resume();
    request.on('end', () => answer(request, response));
  });
  await new Promise<void>((resolve) => store.listen(0, '127.0.0.1', resolve));
  const settings = {
    endpoint: `http://127.0.0.1:${(store.address() as AddressInfo).port}`,
    bucket: 'b',
    region: 'eu-west-1',
    prefix: '',
    pathStyle: true,
    credentials: { accessKeyId: 'access', secretAccessKey: 'very secret' },
  };
  return checkS3(settings, shared, createLog('silent')).then(
    () => undefined,
    (error: unknown) => {
      expect(error).toBeInstanceOf(SettingsError);
      expect((error as Error).message).not.toContain('very secret');
      return (error as Error).message;
    },
  );
}

const xml = (response: ServerResponse, status: number, body: string, headers: Record<string, string> = {}) => {
  response.writeHead(status, { 'content-type': 'application/xml', ...headers });
  response.end(`<?xml version="1.0" encoding="UTF-8"?>${body}`);
};
const failure = (code: string, more = '') =>
  `<Error><Code>${code}</Code><Message>Said by the store.</Message>${more}</Error>`;

/** Keeps keys and the last body of each; every write of a key is taken. */
function unconditional(kept: Set<string>) {
  return (request: IncomingMessage, response: ServerResponse) => {
    const key = request.url?.split('?')[0] ?? '';
    if (request.method === 'GET')
      return xml(response, 200, '<ListBucketResult><KeyCount>0</KeyCount></ListBucketResult>');
    if (request.method === 'PUT') kept.add(key);
    else kept.delete(key);
    return response.writeHead(request.method === 'PUT' ? 200 : 204, { etag: '"e"' }).end();
  };
}

test('a store that takes every writer of a new key is not shared', async () => {
  const kept = new Set<string>();
  const sentence = await check(unconditional(kept));
  expect(sentence).toContain('let 8 of 8 writers create the same key');
  expect(sentence).toContain('Several servers need a store that has them');
  expect([...kept]).toEqual([]);
});

test('one server by itself may use it', async () => {
  expect(await check(unconditional(new Set()), false)).toBeUndefined();
});

test.each([
  [400, 'AuthorizationHeaderMalformed', '<Region>us-west-2</Region>', {}],
  [301, 'PermanentRedirect', '', { 'x-amz-bucket-region': 'us-west-2' }],
])('a bucket in another region (%i) is said to be there', async (status, code, more, headers) => {
  const sentence = await check((_request, response) => xml(response, status, failure(code, more), headers));
  expect(sentence).toContain('not in region eu-west-1; it is in us-west-2: correct objects.s3_region');
});

test.each([
  [403, 'AccessDenied', 'may not list, write and delete in bucket b'],
  [403, 'InvalidAccessKeyId', 'does not know these keys'],
  [404, 'NoSuchBucket', 'There is no bucket b'],
  [400, 'SomethingElse', '(SomethingElse): check the settings'],
])('%i %s has a sentence', async (status, code, words) => {
  expect(await check((_request, response) => xml(response, status, failure(code)))).toContain(words);
});

test('a store that lists but takes nothing is said to need the right to write', async () => {
  const sentence = await check((request, response) =>
    request.method === 'GET' ? xml(response, 200, '<ListBucketResult/>') : xml(response, 403, failure('AccessDenied')),
  );
  expect(sentence).toContain('may not list, write and delete');
});
