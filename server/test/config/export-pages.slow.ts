import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { tutti } from '../../../client/test/support.ts';
import { configOf, ok, refused } from '../support/config.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { makeTempDir } from '../support/temp-dir.ts';

let server: TestServer;
let config: Awaited<ReturnType<typeof configOf>>;
let scratch: string;

const profiles = Array.from({ length: 8 }, (_, at) => `of-team-${at}`);
const call = (input: object = {}) => server.call('export_config', input, config.who.client);

/** Releases a payload whose artifact is near to what one may be. */
async function publish(profile: string, word: string) {
  const notes = Array.from({ length: 300 }, (_, at) => `${word} number ${at} ${'is a plain sentence '.repeat(70)}`);
  const draft = { client_id: 'bulky', profile, draft_payload: { notes }, changelog: word };
  await ok(server.call('publish_config', draft, config.who.publisher));
}

beforeAll(async () => {
  scratch = makeTempDir('export-pages');
  server = await startTestServer();
  config = await configOf(server, 'bulky');
  const schema = { $schema: 'https://json-schema.org/draft/2020-12/schema', type: 'object' };
  const family = { client_id: 'bulky', title: 'Bulky', schemas: [{ version: '1.0.0', schema }] };
  await ok(server.call('put_client_family', family, config.who.owner));
  for (const profile of profiles) {
    await config.profile(profile, { policy_set_id: 'none' });
    await publish(profile, 'first');
  }
});
afterAll(async () => {
  await server.stop();
  rmSync(scratch, { recursive: true });
});

test('a large export comes in pages, all of one moment, and verifies', async () => {
  const first = await ok(call());
  expect(first.next_page).toBeDefined();
  const second = await ok(call({ page: first.next_page }));
  expect(second.index_id).toBe(first.index_id);
  const paths = (pages: { files: { path: string }[] }[]) =>
    pages.flatMap(({ files }) => files.map((file) => file.path));
  expect(new Set(paths([first, second])).size).toBe(paths([first, second]).length);

  const folder = path.join(scratch, 'mirror');
  const around = { url: server.url, token: config.who.client };
  expect(await tutti(['config', 'export', folder], around)).toMatchObject({ code: 0 });
  const keys = path.join(scratch, 'keys.json');
  writeFileSync(keys, JSON.stringify(await ok(server.call('list_signing_keys', {}, config.who.client))));
  const done = await tutti(['config', 'verify', folder, '--keys', keys]);
  expect(done, done.notes).toMatchObject({ code: 0 });
  expect(JSON.parse(readFileSync(path.join(folder, 'index.json'), 'utf8')).releases).toHaveLength(profiles.length);
});

test('mix-and-match: a release between two pages ends the export, and a page of another filter is none', async () => {
  const { next_page } = await ok(call());
  expect(await refused(call({ page: next_page, profile: profiles[0] }))).toBe('BAD_CURSOR');
  await publish(profiles[0] ?? '', 'second');
  expect(await refused(call({ page: next_page }))).toBe('CONFLICT');
});
