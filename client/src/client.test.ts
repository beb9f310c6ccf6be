import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestServer, type TestServer } from '../../server/test/support/server.ts';
import { createClient } from './client.ts';
import { TuttiError } from './error.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());

const answering = (body: string, status: number) => async () => new Response(body, { status });

test('calls are typed by the name of the tool', async () => {
  const client = createClient({ url: server.url, token: server.admin });
  const { capabilities } = await client.call('list_capabilities');
  expect(capabilities).toContain('ingest.lance');
  const made = await client.call('register_dataset', { name: 'typed', uri: 'tutti://typed' });
  const { items } = await client.call('list_datasets', { page_size: 10 });
  expect(items.map((item) => item.id)).toEqual([made.id]);
  // @ts-expect-error: the name is required
  await expect(client.call('register_dataset', { uri: 'tutti://x' })).rejects.toThrow(TuttiError);
  // @ts-expect-error: there is no such tool
  await expect(client.call('no_such_tool', {})).rejects.toMatchObject({ code: 'UNKNOWN_TOOL', status: 404 });
});

test('a failure carries all that the server said', async () => {
  const client = createClient({ url: server.url, token: server.admin });
  const failure = await client.call('get_dataset', { dataset_id: 'ds_0' }).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(TuttiError);
  expect(failure).toMatchObject({
    code: 'NOT_FOUND',
    status: 404,
    retryable: false,
    suggestion: expect.stringContaining('list_datasets'),
    details: { dataset_id: 'ds_0' },
  });
});

test('silence is a failure that may pass, without a status', async () => {
  const client = createClient({ url: 'http://127.0.0.1:1', token: 't' });
  await expect(client.call('list_capabilities')).rejects.toMatchObject({
    code: 'UNAVAILABLE',
    retryable: true,
    status: undefined,
  });
});

test.each([
  ['<html>Bad Gateway</html>', 502, true],
  ['not ours', 200, false],
  ['{"error": "theirs"}', 404, false],
])('an answer that is not ours stays data: %s', async (body, status, retryable) => {
  const client = createClient({ url: 'http://proxy.example/below', token: 't', fetch: answering(body, status) });
  await expect(client.call('list_capabilities')).rejects.toMatchObject({
    code: 'UNEXPECTED_ANSWER',
    status,
    retryable,
    details: { untrusted: true, source: 'http://proxy.example', text: body },
  });
});

test('the path of a server behind a proxy is kept', async () => {
  let asked: unknown;
  const fetch = async (url: unknown) => {
    asked = url;
    return new Response('{}');
  };
  await createClient({ url: 'https://proxy.example/below', token: 't', fetch }).call('list_capabilities');
  expect(String(asked)).toBe('https://proxy.example/below/tools/list_capabilities');
});
