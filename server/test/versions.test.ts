import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { changesNothing, expectFailure } from './support/failure.ts';
import { lakeOf } from './support/lake.ts';
import { startTestServer, type TestServer } from './support/server.ts';

let server: TestServer;
let lake: ReturnType<typeof lakeOf>;
beforeAll(async () => {
  server = await startTestServer();
  lake = lakeOf(server);
});
afterAll(() => server.stop());

const commit = (dataset_id: string, version: string) => server.call('commit_dataset_version', { dataset_id, version });

describe('a version', () => {
  test('needs something staged', async () => {
    const id = await lake.dataset('empty');
    const answer = await changesNothing(server, () => commit(id, 'v1'));
    expect(expectFailure(answer, 409, 'NOTHING_STAGED').suggestion).toContain('create_presigned_upload');
    for (const [tool, more] of [
      ['validate', {}],
      ['start_ingest', { target: 'lance' }],
    ] as const) {
      const call = () => server.call(tool, { dataset_id: id, ...more });
      expectFailure(await changesNothing(server, call), 409, 'NOTHING_STAGED');
    }
  });

  test('committed again with the same content answers the same', async () => {
    const id = await lake.dataset('same');
    await lake.upload(id, 'a.txt', 'one');
    const first = await lake.commit(id, 'v1');
    expect(await lake.commit(id, 'v1')).toEqual(first);
    await lake.upload(id, 'a.txt', 'one');
    expect(await lake.commit(id, 'v1')).toEqual(first);
    expect(await lake.objects(id)).toMatchObject([{ key: 'a.txt', metadata: { staged: false } }]);
  });

  test('committed again with other content is a conflict, and what is staged stays', async () => {
    const id = await lake.dataset('other');
    await lake.upload(id, 'a.txt', 'one');
    await lake.commit(id, 'v1');
    await lake.upload(id, 'a.txt', 'changed');
    const answer = await changesNothing(server, () => commit(id, 'v1'));
    expectFailure(answer, 409, 'VERSION_CONFLICT');
    expect(await lake.objects(id)).toMatchObject([{ size: 7, metadata: { staged: true } }]);
    expect(await lake.commit(id, 'v2')).toMatchObject({ version: 'v2', bytes: 7 });
  });

  test('that is no longer the current one is not committed again, and what is staged stays', async () => {
    const id = await lake.dataset('older');
    await lake.upload(id, 'a.txt', 'one');
    await lake.commit(id, 'v1');
    await lake.upload(id, 'a.txt', 'second');
    await lake.commit(id, 'v2');
    await lake.upload(id, 'a.txt', 'one');
    expectFailure(await changesNothing(server, () => commit(id, 'v1')), 409, 'VERSION_CONFLICT');
    expect(await lake.commit(id, 'v3')).toMatchObject({ version: 'v3', bytes: 3 });
  });

  test('of two commits at once both answer, and there is one', async () => {
    const id = await lake.dataset('twice');
    await lake.upload(id, 'a.txt', 'one');
    const answers = await Promise.all([lake.commit(id, 'v1'), lake.commit(id, 'v1'), lake.commit(id, 'v1')]);
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
  });

  test.each(['', '../v1', 'v 1', 'v1\n', '-v', 'x'.repeat(101)])('cannot be called %j', async (version) => {
    const id = await lake.ok('list_datasets', { filter: { text: 'empty' } });
    const answer = await changesNothing(server, () => commit(id.items[0].id, version));
    expectFailure(answer, 422, 'VALIDATION_FAILED');
  });
});

describe('versions over one another', () => {
  let id: string;
  let cursor: string;
  const hits = async (query: string) => {
    const { items, served_version } = await lake.search(id, query);
    const rows = items.map((item: { row: { name: string }; object_key: string }) => [item.object_key, item.row.name]);
    return { served_version, rows: rows.sort() };
  };
  beforeAll(async () => {
    id = await lake.dataset('fruit');
  });

  test('before the first ingest there is nothing to search', async () => {
    await lake.upload(id, 'kept.csv', 'name,price\nred apple,1\nred cherry,2\n');
    await lake.upload(id, 'replaced.csv', 'name,price\nred plum,3\n');
    await lake.commit(id, 'v1');
    const answer = await changesNothing(server, () => server.call('search_dataset', { dataset_id: id, query: 'red' }));
    expect(expectFailure(answer, 409, 'NOT_SERVED').suggestion).toContain('start_ingest');
  });

  test('v1 is served', async () => {
    expect(await lake.ingest(id)).toMatchObject({ state: 'succeeded', counters: { inserted: 3 } });
    expect(await hits('red')).toEqual({
      served_version: 'v1',
      rows: [
        ['kept.csv', 'red apple'],
        ['kept.csv', 'red cherry'],
        ['replaced.csv', 'red plum'],
      ],
    });
    cursor = (await lake.search(id, 'red', { page_size: 1 })).next_page;
    expect((await lake.search(id, 'red', { page_size: 1, page: cursor })).items).toHaveLength(1);
  });

  test('v2 has the objects of v1 with the uploads over them; v1 is served until it is ingested', async () => {
    await lake.upload(id, 'replaced.csv', 'name,price\nblue plum,4\n');
    await lake.upload(id, 'added.csv', 'name,price\nred currant,5\n');
    expect(await lake.commit(id, 'v2')).toMatchObject({ version: 'v2', state: 'staged' });
    expect(await lake.keys(id)).toEqual(['added.csv', 'kept.csv', 'replaced.csv']);
    expect((await hits('plum')).rows).toEqual([['replaced.csv', 'red plum']]);
    expect(await lake.ingest(id)).toMatchObject({ state: 'succeeded', counters: { inserted: 4 } });
    expect(await hits('red')).toMatchObject({
      served_version: 'v2',
      rows: [
        ['added.csv', 'red currant'],
        ['kept.csv', 'red apple'],
        ['kept.csv', 'red cherry'],
      ],
    });
    expect((await hits('plum')).rows).toEqual([['replaced.csv', 'blue plum']]);
  });

  test('a cursor of the index before is refused', async () => {
    const input = { dataset_id: id, query: 'red', page_size: 1, page: cursor };
    expectFailure(await changesNothing(server, () => server.call('search_dataset', input)), 422, 'BAD_CURSOR');
  });

  test('an older version can be served again', async () => {
    expect(await lake.ingest(id, { options: { version: 'v1' } })).toMatchObject({ metadata: { version: 'v1' } });
    expect(await hits('plum')).toEqual({ served_version: 'v1', rows: [['replaced.csv', 'red plum']] });
    const input = { dataset_id: id, target: 'lance', options: { version: 'v9' } };
    expectFailure(await changesNothing(server, () => server.call('start_ingest', input)), 404, 'NOT_FOUND');
  });

  test.each([
    ['an unknown target', { target: 'no-such' }, 422, 'TARGET_NOT_AVAILABLE'],
    ['an unknown mode', { mode: 'vector' }, 422, 'VALIDATION_FAILED'],
    ['a filter on an unknown column', { filter: { colour: 'red' } }, 422, 'VALIDATION_FAILED'],
    ['a filter with an unknown operator', { filter: { name: { like: 'r%' } } }, 422, 'VALIDATION_FAILED'],
    ['a column name with a quote', { filter: { 'name" or "1"="1': 'x' } }, 422, 'VALIDATION_FAILED'],
    ['an unknown dataset', { dataset_id: 'ds_none' }, 404, 'NOT_FOUND'],
  ])('a search with %s is refused', async (_what, more, status, code) => {
    const input = { dataset_id: id, query: 'red', ...more };
    expectFailure(await changesNothing(server, () => server.call('search_dataset', input)), status, code);
  });

  test.each(['red AND (', '"', "'; drop table x; --", '*', 'name:red', '\\', '~', '+-!', 'red^1e9'])(
    'the query %j is words, not syntax',
    async (query) => {
      expect((await server.call('search_dataset', { dataset_id: id, query })).status).toBe(200);
    },
  );

  test('an ingest to an unknown target is refused', async () => {
    const input = { dataset_id: id, target: 'mongodb' };
    const answer = await changesNothing(server, () => server.call('start_ingest', input));
    expect(expectFailure(answer, 422, 'TARGET_NOT_AVAILABLE').suggestion).toContain('lance');
  });

  test('an ingest with a mapping to no column fails, and what was served stays served', async () => {
    const job = await lake.ingest(id, { mapping: { id: 'colour' } });
    expect(job).toMatchObject({ state: 'failed', error: { code: 'VALIDATION_FAILED' } });
    expect(job.error.suggestion).toContain('details.columns');
    expect((await hits('plum')).served_version).toBe('v1');
    expect(await lake.ok('get_dataset', { dataset_id: id })).toMatchObject({ state: 'failed' });
  });

  test('rows of one id: the later replaces the earlier', async () => {
    const again = await lake.dataset('by-id');
    await lake.upload(again, 'a.csv', 'id,name\n1,first\n2,second\n');
    await lake.upload(again, 'b.csv', 'id,name\n1,third\n');
    await lake.commit(again, 'v1');
    const job = await lake.ingest(again, { mapping: { id: 'id' } });
    expect(job).toMatchObject({ state: 'succeeded', counters: { inserted: 2, updated: 1, errors: 0 } });
    expect((await lake.search(again, 'first')).items).toEqual([]);
    expect((await lake.search(again, 'third')).items).toMatchObject([{ object_key: 'b.csv' }]);
  });
});

describe('broken rows', () => {
  const csv = ['id,name', '1,good', '2,too,many', '3', '4,"a"b', '5,fine', '6,"unclosed', ''].join('\n');
  let id: string;
  beforeAll(async () => {
    id = await lake.dataset('broken');
    await lake.upload(id, 'rows.csv', csv);
    await lake.upload(id, 'rows.jsonl', '{"id":7,"name":"good"}\nnot json\n[1]\n');
    await lake.upload(id, 'picture.bin', '\u0000');
    await lake.commit(id, 'v1');
  });
  const places = (rejects: { object_key: string; line: number; reason: string }[]) =>
    rejects.map(({ object_key, line, reason }) => [object_key, line, reason]);
  const expected = [
    ['rows.csv', 3, 'too_many_columns'],
    ['rows.csv', 4, 'too_few_columns'],
    ['rows.csv', 5, 'unquoted_value'],
    ['rows.csv', 7, 'unclosed_quote'],
    ['rows.jsonl', 2, 'invalid_json'],
    ['rows.jsonl', 3, 'not_an_object'],
  ];

  test('are counted and shown by the ingest, with the place and the reason of each', async () => {
    const job = await lake.ingest(id);
    expect(job).toMatchObject({ state: 'succeeded', counters: { inserted: 3, errors: 6 } });
    expect(places(job.metadata.rejects)).toEqual(expected);
    expect(job.metadata.skipped_objects).toEqual(['picture.bin']);
    expect(job.metadata.rejects[0].text).toEqual({ untrusted: true, source: 'rows.csv', text: '2,too,many' });
    const { items } = await lake.search(id, 'good fine');
    expect(items.map((item: { object_key: string; line?: number }) => [item.object_key, item.line]).sort()).toEqual([
      ['rows.csv', 2],
      ['rows.csv', 6],
      ['rows.jsonl', 1],
    ]);
  });

  test('fail the validation, which says why', async () => {
    const job = await lake.ended(await lake.ok('validate', { dataset_id: id, validators: ['readable', 'nonsense'] }));
    expect(job).toMatchObject({
      state: 'succeeded',
      metadata: {
        report: { version: 'v1', passed: false, failed_rules: ['readable'], skipped_objects: ['picture.bin'] },
      },
    });
    const report = await lake.ok('get_validation_report', { job_id: job.id });
    expect(report.items).toMatchObject([
      { rule: 'readable', status: 'failed', checked: 9, failed: 6 },
      { rule: 'nonsense', status: 'skipped' },
    ]);
    expect(places(report.items[0].samples)).toEqual(expected);
    expect(await lake.ok('get_dataset', { dataset_id: id })).toMatchObject({ state: 'failed' });
  });

  test('a dataset of which nothing can be read says so', async () => {
    const pictures = await lake.dataset('pictures');
    await lake.upload(pictures, 'a.png', 'x');
    await lake.commit(pictures, 'v1');
    const job = await lake.ingest(pictures);
    expect(job).toMatchObject({ state: 'failed', error: { code: 'NO_READABLE_OBJECTS' } });
    expect(job.error.suggestion).toContain('CSV');
  });
});
