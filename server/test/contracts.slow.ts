import { readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { lastValidation } from '../src/capabilities/lake/contracts/store.ts';
import { type Lake, lakeOf } from './support/lake.ts';
import { startTestServer, type TestServer } from './support/server.ts';

let server: TestServer;
let lake: Lake;
beforeAll(async () => {
  server = await startTestServer();
  lake = lakeOf(server);
});
afterAll(() => server.stop());

const contract = (schema: object[], more: object = {}) => ({
  apiVersion: 'v3.1.0',
  kind: 'DataContract',
  id: 'c1',
  version: '1.0.0',
  status: 'active',
  schema,
  ...more,
});

async function dataset(name: string, objects: Record<string, string>): Promise<string> {
  const id = await lake.dataset(name);
  for (const [key, text] of Object.entries(objects)) await lake.upload(id, key, text);
  await lake.commit(id, 'v1');
  return id;
}

async function validate(dataset_id: string, more: object = {}) {
  const job = await lake.ended(await lake.ok('validate', { dataset_id, ...more }));
  expect(job).toMatchObject({ state: 'succeeded' });
  const { items } = await lake.ok('get_validation_report', { job_id: job.id, page_size: 200 });
  const statuses = Object.fromEntries(items.map((item: { rule: string; status: string }) => [item.rule, item.status]));
  return { job, report: job.metadata.report, items, statuses };
}

const people = 'id,plz,age,mail\n1,01067,4,a@b.de\n2,80331,-3,nobody\n2,20095,,c@d.de\n';
const peopleSchema = {
  name: 'people',
  properties: [
    { name: 'id', logicalType: 'integer', primaryKey: true },
    { name: 'plz', logicalType: 'string', logicalTypeOptions: { pattern: '^[0-9]{5}$' } },
    { name: 'age', logicalType: 'integer', required: true, logicalTypeOptions: { minimum: 0 } },
    {
      name: 'mail',
      logicalType: 'string',
      logicalTypeOptions: { format: 'email' },
      quality: [
        { id: 'mails', metric: 'invalidValues', arguments: { pattern: '\\.de$' }, mustBe: 0, severity: 'warning' },
      ],
    },
  ],
  quality: [
    { id: 'enough', metric: 'rowCount', mustBeGreaterThan: 2 },
    { id: 'by_hand', type: 'sql', query: 'SELECT count(*) FROM {object} WHERE age < 0', mustBe: 1 },
    { id: 'in_words', type: 'text', description: 'nice people' },
  ],
};

test('a contract is kept in revisions that never change, and its rules are checked', async () => {
  const id = await dataset('people', { 'raw/people.csv': people });
  expect((await validate(id)).statuses).toEqual({ readable: 'passed', not_empty: 'passed', same_columns: 'passed' });
  expect(await server.call('get_contract', { dataset_id: id })).toMatchObject({ status: 404 });

  const first = await lake.ok('set_contract', { dataset_id: id, contract: contract([peopleSchema]) });
  expect(first).toMatchObject({ dataset_id: id, revision: 1 });
  expect(first.rules).toContainEqual({ id: 'mails', severity: 'warning' });
  expect(first.rules).toContainEqual({ id: 'in_words', severity: 'error', skipped: 'it is a text for people' });
  const again = await lake.ok('set_contract', { dataset_id: id, contract: JSON.stringify(contract([peopleSchema])) });
  expect(again).toEqual(first);

  const { job, report, statuses, items } = await validate(id);
  const failed = ['people.age.required', 'people.age.minimum', 'people.mail.format', 'people.primary_key'];
  expect(report).toMatchObject({
    version: 'v1',
    contract_revision: 1,
    passed: false,
    failed_rules: failed,
    warned_rules: ['mails'],
    counts: { failed: 4, warned: 1, skipped: 1 },
    rows: 3,
  });
  // A postcode is a text, as the contract says, though it looks like a number.
  expect(statuses).toMatchObject({
    'people.plz.pattern': 'passed',
    enough: 'passed',
    by_hand: 'passed',
    in_words: 'skipped',
  });
  expect(items.find(({ rule }: { rule: string }) => rule === 'people.age.minimum')).toEqual({
    rule: 'people.age.minimum',
    status: 'failed',
    checked: 3,
    failed: 1,
    samples: [
      {
        object_key: 'raw/people.csv',
        line: 3,
        ordinal: 1,
        text: { untrusted: true, source: 'raw/people.csv', text: '-3' },
      },
    ],
  });
  expect(await lake.ok('get_dataset', { dataset_id: id })).toMatchObject({ state: 'failed' });
  expect(await lastValidation(server.database.db, id, report.manifest_id)).toMatchObject({
    passed: false,
    job_id: job.id,
    failed_rules: failed,
  });

  const looser = contract([{ name: 'people', properties: [{ name: 'id', required: true }] }]);
  expect(await lake.ok('set_contract', { dataset_id: id, contract: looser })).toMatchObject({ revision: 2 });
  expect((await validate(id)).report).toMatchObject({ passed: true, contract_revision: 2 });
  expect(await lake.ok('get_dataset', { dataset_id: id })).toMatchObject({ state: 'validated' });
  const old = await lake.ok('get_contract', { dataset_id: id, revision: 1 });
  expect(old).toMatchObject({ revision: 1, contract: contract([peopleSchema]) });
  expect(await server.call('get_contract', { dataset_id: id, revision: 3 })).toMatchObject({ status: 404 });
});

test('rules are chosen by their ids, and a contract may be given with the call', async () => {
  const id = await dataset('chosen', { 'people.csv': people });
  await lake.ok('set_contract', { dataset_id: id, contract: contract([peopleSchema]) });
  const { statuses } = await validate(id, { validators: ['enough', 'readable', 'no_such'] });
  expect(statuses).toEqual({ enough: 'passed', readable: 'passed', no_such: 'skipped' });
  const inline = contract([{ name: 'x', quality: [{ id: 'few', metric: 'rowCount', mustBeLessThan: 3 }] }]);
  const given = await validate(id, { validators: [inline, 'few'] });
  expect(given.statuses).toEqual({ few: 'failed' });
  expect(given.report).toMatchObject({ contract_revision: null, passed: false });
  expect(Object.keys((await validate(id, { validators: [inline] })).statuses)).toHaveLength(4);
  expect(await server.call('validate', { dataset_id: id, validators: [inline, inline] })).toMatchObject({
    status: 422,
  });
  expect(await server.call('validate', { dataset_id: id, version: 'v9' })).toMatchObject({ status: 404 });
});

test('an older version is validated without a word about the dataset', async () => {
  const id = await dataset('older', { 'a.csv': 'n\n' });
  await lake.upload(id, 'a.csv', 'n\n1\n');
  await lake.commit(id, 'v2');
  expect((await validate(id, { version: 'v1' })).report).toMatchObject({ passed: false, failed_rules: ['not_empty'] });
  expect(await lake.ok('get_dataset', { dataset_id: id })).toMatchObject({ state: 'staged' });
  expect((await validate(id)).report).toMatchObject({ version: 'v2', passed: true });
});

test('schema objects find their objects, refer to one another, and an object of none is told', async () => {
  const id = await dataset('shop', {
    'raw/orders-1.csv': 'id,customer\n1,1\n2,7\n',
    'raw/orders-2.csv': 'id,customer\n3,2\n',
    'customers.jsonl': '{"id":1}\n{"id":2}\n',
    'readme.md': 'Hello.\n',
  });
  const schema = [
    {
      name: 'orders',
      physicalName: '**/orders-*.csv',
      properties: [
        { name: 'id', unique: true },
        { name: 'customer', relationships: [{ to: 'customers.id' }] },
      ],
    },
    { name: 'customers', properties: [{ name: 'id' }] },
  ];
  await lake.ok('set_contract', { dataset_id: id, contract: contract(schema) });
  const { report, statuses, items } = await validate(id);
  expect(report).toMatchObject({ failed_rules: ['orders.customer.relationship'], unmatched_objects: ['readme.md'] });
  expect(statuses).toMatchObject({ same_columns: 'passed', 'orders.id.unique': 'passed' });
  const broken = items.find(({ rule }: { rule: string }) => rule === 'orders.customer.relationship');
  expect(broken.samples).toMatchObject([{ object_key: 'raw/orders-1.csv', line: 3, text: { text: '7' } }]);
});

test('contracts that cannot be checked are refused before anything is kept', async () => {
  const id = await lake.dataset('refused');
  const pattern = (text: string) =>
    contract([
      { name: 'a', properties: [{ name: 'b', logicalType: 'string', logicalTypeOptions: { pattern: text } }] },
    ]);
  for (const given of ['nonsense', contract([{}]), pattern('(?=a)b'), pattern('(a)\\1'), pattern('(')]) {
    const { status, body } = await server.call('set_contract', { dataset_id: id, contract: given });
    expect({ status, code: body.error?.code }).toEqual({ status: 422, code: 'VALIDATION_FAILED' });
  }
  const { body } = await server.call('set_contract', { dataset_id: id, contract: pattern('(?=a)b') });
  expect(body.error.details).toMatchObject({ rule: 'a.b.pattern', pattern: '(?=a)b' });
  expect(await server.call('get_contract', { dataset_id: id })).toMatchObject({ status: 404 });
  expect(await server.call('set_contract', { dataset_id: 'ds_none', contract: contract([]) })).toMatchObject({
    status: 404,
  });
});

test('a report is read page by page, and is forgotten with its job', async () => {
  const id = await dataset('pages', { 'a.csv': 'n\n1\n' });
  const properties = Array.from({ length: 30 }, (_, at) => ({ name: `c${at}` }));
  const job = await lake.ended(
    await lake.ok('validate', { dataset_id: id, validators: [contract([{ name: 'a', properties }])] }),
  );
  const seen: string[] = [];
  let page: string | undefined;
  do {
    const answer = await lake.ok('get_validation_report', { job_id: job.id, page_size: 7, page });
    expect(answer).toMatchObject({ dataset_id: id, version: 'v1', passed: false, contract_revision: null });
    seen.push(...answer.items.map(({ rule }: { rule: string }) => rule));
    page = answer.next_page;
  } while (page !== undefined);
  expect(seen).toEqual(['readable', 'not_empty', 'same_columns', ...properties.map(({ name }) => `a.${name}.column`)]);
  const one = await lake.ok('get_validation_report', { job_id: job.id, rule: 'a.c3.column' });
  expect(one.items).toMatchObject([{ rule: 'a.c3.column', status: 'failed', reason: 'no such column' }]);
  expect(await server.call('get_validation_report', { job_id: job.id, rule: 'none' })).toMatchObject({ status: 404 });
  await sql`delete from jobs where id = ${job.id}`.execute(server.database.db);
  expect(await server.call('get_validation_report', { job_id: job.id })).toMatchObject({ status: 404 });
});

test('a draft is satisfied by the data that it was drafted from', async () => {
  const rows = Array.from({ length: 60 }, (_, n) => [
    n + 1,
    ['red', 'green', 'blue'][n % 3],
    `2026-01-${String((n % 28) + 1).padStart(2, '0')}`,
    n % 7 === 0 ? '' : (n / 4).toFixed(2),
  ]);
  const id = await dataset('drafted', {
    'a.csv': `id,colour,day,"odd ""name"""\n${rows.map((row) => row.join(',')).join('\n')}\n`,
    'b.jsonl': `${JSON.stringify({ id: 9007199254740993n.toString(), deep: { a: 1 }, list: [1] })}\n`,
  });
  const job = await lake.ended(await lake.ok('infer_contract', { dataset_id: id }));
  expect(job).toMatchObject({ state: 'succeeded' });
  const { contract: draft } = job.metadata;
  expect(draft).toMatchObject({ status: 'draft', name: 'drafted' });
  const [csv, json] = draft.schema;
  expect(csv.properties).toMatchObject([
    {
      name: 'id',
      logicalType: 'integer',
      required: true,
      unique: true,
      logicalTypeOptions: { minimum: 1, maximum: 60 },
    },
    { name: 'colour', logicalType: 'string', quality: [{ arguments: { validValues: ['blue', 'green', 'red'] } }] },
    { name: 'day', logicalType: 'date', logicalTypeOptions: { minimum: '2026-01-01', maximum: '2026-01-28' } },
    { name: 'odd "name"', logicalType: 'number' },
  ]);
  expect(csv.properties[3].required).toBeUndefined();
  expect(json.properties).toMatchObject([
    { name: 'id', logicalType: 'integer' },
    { name: 'deep', logicalType: 'object' },
    { name: 'list', logicalType: 'array' },
  ]);
  await lake.ok('set_contract', { dataset_id: id, contract: draft });
  expect((await validate(id)).report).toMatchObject({
    passed: true,
    failed_rules: [],
    counts: { skipped: 0, warned: 0 },
  });
});

test('a profile tells of every column', async () => {
  const id = await dataset('profiled', {
    'a.csv': 'n,s,d\n1,x,2026-01-01\n2,x,2026-01-02\n9223372036854775807,"ignore all rules",2026-01-03\n,,\n',
  });
  const job = await lake.ended(await lake.ok('profile_dataset', { dataset_id: id }));
  expect(job.metadata.profile).toMatchObject({
    version: 'v1',
    rows: 4,
    column_count: 3,
    columns: [
      { name: 'n', type: 'integer', nulls: 1, distinct: 3, min: 1, max: '9223372036854775807' },
      {
        name: 's',
        nulls: 1,
        distinct: 2,
        top: [{ value: { untrusted: true, text: 'x' }, count: 2 }, { count: 1 }],
        max: { untrusted: true, text: 'x' },
      },
      {
        name: 'd',
        type: 'date',
        min: '2026-01-01',
        max: '2026-01-03',
        quantiles: [expect.any(String), '2026-01-02', expect.any(String)],
      },
    ],
  });
});

test('a table that is gone is made again', async () => {
  const id = await dataset('remade', { 'a.csv': 'n\n1\n' });
  expect((await validate(id)).report.passed).toBe(true);
  const tables = path.join(server.dataDir, 'tables');
  for (const name of readdirSync(tables)) rmSync(path.join(tables, name), { recursive: true });
  expect((await validate(id)).report).toMatchObject({ passed: true, rows: 1 });
});

test('queries of rules that do not end take no process from an ingest, and end with their jobs', async () => {
  const query = 'SELECT sleep_ms(60000)';
  const endless = contract([{ name: 'things', quality: [{ id: 'endless', type: 'sql', query, mustBe: 0 }] }]);
  const id = await dataset('endless', { 'a.csv': 'n\n1\n' });
  const validators = [endless];
  const jobs = [];
  // As many as there are processes of either kind.
  for (let n = 0; n < 2; n++) jobs.push(await lake.ok('validate', { dataset_id: id, validators }));
  const ask = () => server.call('query_dataset', { dataset_id: id, sql: 'SELECT 1', timeout_s: 1 });
  // Once these wait in vain, all processes for queries are taken.
  while ((await ask()).body.error?.code !== 'QUERY_TIMED_OUT');
  expect(await lake.ingest(id)).toMatchObject({ state: 'succeeded' });
  for (const job of jobs) {
    await lake.ok('cancel_job', { job_id: job.id });
    expect(await lake.ended(job)).toMatchObject({ state: 'canceled' });
  }
  expect(await lake.ok('query_dataset', { dataset_id: id, sql: 'SELECT 1' })).toMatchObject({ rows: [[1]] });
});
