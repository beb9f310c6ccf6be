import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { changesNothing, expectFailure } from './support/failure.ts';
import { lakeOf } from './support/lake.ts';
import { raw } from './support/raw.ts';
import { startTestServer, type TestServer } from './support/server.ts';

const base = realpathSync(mkdtempSync(path.join(tmpdir(), 'tutti-roots-')));
const root = path.join(base, 'a');
const url = (...segments: string[]) => pathToFileURL(path.join(base, ...segments)).href;
const file = (text: string, ...segments: string[]) => {
  mkdirSync(path.dirname(path.join(base, ...segments)), { recursive: true });
  writeFileSync(path.join(base, ...segments), text);
};

let server: TestServer;
let lake: ReturnType<typeof lakeOf>;
beforeAll(async () => {
  file('name\ncat\n', 'a', 'cats', 'one.csv');
  file('name\ncat two\n', 'a', 'cats', 'deep', 'two.csv');
  file('name\nsecret\n', 'ab', 'secret.csv');
  symlinkSync(path.join(base, 'ab'), path.join(root, 'out'));
  symlinkSync(path.join(base, 'ab', 'secret.csv'), path.join(root, 'cats', 'link.csv'));
  symlinkSync(path.join(root, 'cats'), path.join(base, 'in'));
  server = await startTestServer(['--lake-roots', url('a'), '--objects-presign-ttl-s', '1']);
  lake = lakeOf(server);
});
afterAll(async () => {
  await server.stop();
  rmSync(base, { recursive: true, force: true });
});

let count = 0;
const register = (uri: string) => {
  count += 1;
  return server.call('register_dataset', { name: `in-place-${count}`, uri });
};
const registered = async (uri: string): Promise<string> => (await register(uri)).body.id;

describe('a uri', () => {
  test.each([
    ['s3://bucket/prefix'],
    ['http://127.0.0.1/x'],
    ['https://example.com/x'],
    ['file:///etc'],
    ['file:///etc/passwd'],
    ['file:///'],
    ['file://example.com/share'],
    ['tutti://'],
    ['tutti://a/b'],
    ['tutti://../x'],
    ['tutti://a b'],
    ['tutti://a?b'],
    ['tutti://a\n'],
    ['TUTTI://a'],
    ['tutti:a'],
    ['a'],
    ['/etc'],
    ['javascript:alert(1)'],
  ])('%j is not allowed', async (uri) => {
    const answer = await changesNothing(server, () => register(uri));
    expect(expectFailure(answer, 422, 'URI_NOT_ALLOWED').suggestion).toContain('tutti://<name>');
  });

  test.each([
    ['a neighbour whose name begins alike', () => url('ab')],
    ['the directory above', () => url('a', '..')],
    ['a way out of the root', () => `${url('a')}/%2e%2e/ab`],
    ['an escaped slash', () => `${url('a')}%2Fcats`],
    ['a NUL', () => `${url('a')}/cats%00`],
    ['a link out of the root', () => url('a', 'out')],
    ['a file', () => url('a', 'cats', 'one.csv')],
    ['nothing at all', () => url('a', 'none')],
    ['a query', () => `${url('a', 'cats')}?x`],
  ])('that is %s is not allowed, and the answer does not tell what is there', async (_what, uri) => {
    const { message, details } = expectFailure(
      await changesNothing(server, () => register(uri())),
      422,
      'URI_NOT_ALLOWED',
    );
    expect(message).toBe('This uri is not allowed.');
    expect(details).toBeUndefined();
  });

  test('a link from elsewhere into the root is the place that it leads to', async () => {
    expect((await register(url('in'))).status).toBe(200);
  });
});

describe('a dataset that is read in place', () => {
  test('is committed, ingested and searched; links are not followed', async () => {
    const id = await registered(url('a', 'cats'));
    expect(await lake.commit(id, 'v1')).toMatchObject({ version: 'v1', state: 'staged' });
    expect(await lake.keys(id)).toEqual(['deep/two.csv', 'one.csv']);
    expect(await lake.ingest(id)).toMatchObject({ state: 'succeeded', counters: { inserted: 2, errors: 0 } });
    const { items } = await lake.search(id, 'two');
    expect(items).toMatchObject([{ object_key: 'deep/two.csv', line: 2, row: { name: 'cat two' } }]);
    expect(await lake.commit(id, 'v1')).toMatchObject({ version: 'v1' });
  });

  test('takes no uploads', async () => {
    const id = await registered(url('a', 'cats'));
    const input = { dataset_id: id, object_key: 'a.csv' };
    const answer = await changesNothing(server, () => server.call('create_presigned_upload', input));
    expectFailure(answer, 409, 'NOT_MANAGED');
  });

  test('with nothing in it has no version', async () => {
    mkdirSync(path.join(root, 'empty'));
    const id = await registered(url('a', 'empty'));
    const answer = await changesNothing(server, () =>
      server.call('commit_dataset_version', { dataset_id: id, version: 'v1' }),
    );
    expectFailure(answer, 409, 'NOTHING_STAGED');
  });

  test.each([
    ['was changed', (place: string) => writeFileSync(place, 'name\nother content\n')],
    ['was changed to the same length', (place: string) => writeFileSync(place, 'name\nowl\n')],
    ['is gone', (place: string) => rmSync(place)],
    ['was only touched', (place: string) => utimesSync(place, 1, 1)],
    [
      'became a link out of the root',
      (place: string) => {
        rmSync(place);
        symlinkSync(path.join(base, 'ab', 'secret.csv'), place);
      },
    ],
  ])('keeps its bytes when a file of it %s', async (what, change) => {
    const name = what.replace(/ /g, '-');
    file('name\ndog\n', 'a', name, 'x.csv');
    const id = await registered(url('a', name));
    await lake.commit(id, 'v1');
    change(path.join(root, name, 'x.csv'));
    expect(await lake.ended(await lake.ok('validate', { dataset_id: id }))).toMatchObject({
      state: 'succeeded',
      metadata: { report: { passed: true } },
    });
    expect(await lake.ingest(id)).toMatchObject({ state: 'succeeded', counters: { inserted: 1 } });
    expect((await lake.search(id, 'dog')).items).toMatchObject([{ row: { name: 'dog' } }]);
    const { url: from } = await lake.ok('create_presigned_download', { dataset_id: id, object_key: 'x.csv' });
    expect(await (await fetch(from)).text()).toBe('name\ndog\n');
  });

  test('a file that never stands still is not committed by halves', async () => {
    file('x'.repeat(4_000_000), 'a', 'busy', 'x.txt');
    const id = await registered(url('a', 'busy'));
    const place = path.join(root, 'busy', 'x.txt');
    // A process of its own, for this one is the server too.
    const writer = spawn(process.execPath, [
      '-e',
      `const fs = require('node:fs'); console.log('on'); for (let at = 0; ; at += 1) fs.writeFileSync(${JSON.stringify(place)}, String(at % 10).repeat(4_000_000))`,
    ]);
    await once(writer.stdout, 'data');
    const answer = await server.call('commit_dataset_version', { dataset_id: id, version: 'v1' });
    writer.kill('SIGKILL');
    await once(writer, 'exit');
    if (answer.status === 200) {
      const { url: from } = await lake.ok('create_presigned_download', { dataset_id: id, object_key: 'x.txt' });
      expect(new Set(await (await fetch(from)).text()).size).toBeLessThanOrEqual(1);
    } else {
      expectFailure(answer, 409, 'OBJECT_CHANGED');
    }
  });

  test('leaves nothing staged behind', async () => {
    file('name\ndog\n', 'a', 'tidy', 'x.csv');
    const id = await registered(url('a', 'tidy'));
    await lake.commit(id, 'v1');
    expect(
      readdirSync(path.join(server.dataDir, 'objects', 'staging')).filter((name) => name.startsWith('place')),
    ).toEqual([]);
  });

  test('whose version an earlier release kept no bytes of says so, and takes them in with the next commit', async () => {
    file('name\nheron\n', 'a', 'unpinned', 'x.csv');
    const id = await registered(url('a', 'unpinned'));
    await lake.commit(id, 'v1');
    const { sha256 } = (await lake.objects(id))[0].metadata;
    rmSync(path.join(server.dataDir, 'objects', 'sha256', sha256.slice(0, 2), sha256));
    const told = { code: 'OBJECT_CHANGED', suggestion: expect.stringContaining('commit_dataset_version') };
    const validated = await lake.ended(await lake.ok('validate', { dataset_id: id }));
    expect(validated).toMatchObject({ state: 'failed', error: told });
    expect(await lake.ingest(id)).toMatchObject({ state: 'failed', error: told });
    for (const [name, input] of [
      ['query_dataset', { sql: 'FROM dataset' }],
      ['create_presigned_download', { object_key: 'x.csv' }],
    ] as const) {
      const refused = await server.call(name, { dataset_id: id, ...input });
      expect(expectFailure(refused, 409, 'OBJECT_CHANGED')).toMatchObject(told);
    }

    // A rollback to it changes what is current; what is served stays until its ingest fails with the same words.
    file('name\nheron two\n', 'a', 'unpinned', 'x.csv');
    await lake.commit(id, 'v2');
    expect(await lake.ingest(id)).toMatchObject({ state: 'succeeded' });
    const { jobs } = await lake.ok('rollback_dataset', { dataset_id: id, version: 'v1' });
    expect(await lake.ended({ id: jobs[0].id ?? jobs[0] })).toMatchObject({ state: 'failed', error: told });
    expect(await lake.search(id, 'heron')).toMatchObject({ served_version: 'v2' });

    file('name\nheron\n', 'a', 'unpinned', 'x.csv');
    await lake.commit(id, 'v1');
    expect(await lake.ended(await lake.ok('validate', { dataset_id: id }))).toMatchObject({ state: 'succeeded' });
    expect(await lake.ingest(id)).toMatchObject({ state: 'succeeded', metadata: { version: 'v1' } });
    expect(await lake.search(id, 'heron')).toMatchObject({ served_version: 'v1' });
  });

  test('other content is another version', async () => {
    file('name\ndog\n', 'a', 'moving', 'x.csv');
    const id = await registered(url('a', 'moving'));
    await lake.commit(id, 'v1');
    file('name\ndogs\n', 'a', 'moving', 'x.csv');
    const answer = await changesNothing(server, () =>
      server.call('commit_dataset_version', { dataset_id: id, version: 'v1' }),
    );
    expectFailure(answer, 409, 'VERSION_CONFLICT');
    expect(await lake.commit(id, 'v2')).toMatchObject({ version: 'v2', bytes: 10 });
    expect(await lake.ingest(id)).toMatchObject({ state: 'succeeded', metadata: { version: 'v2' } });
  });
});

test('a presigned URL whose time is over is refused', async () => {
  const id = await lake.dataset('late');
  const upload = await lake.presign(id, 'a.csv');
  while (Date.now() < Date.parse(upload.expires_at) + 1000) await sleep(100);
  const answer = await changesNothing(server, () =>
    raw(upload.url, { method: 'PUT', headers: upload.headers, body: ['x'] }),
  );
  expect(expectFailure(answer, 403, 'UPLOAD_REFUSED').message).toContain('expired');
});
