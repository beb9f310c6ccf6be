import { rmSync } from 'node:fs';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { type ServeProcess, serveProcess } from '../support/serve-process.ts';
import { makeTempDir } from '../support/temp-dir.ts';
import { workflowDocument } from '../support/workflows.ts';

const dataDir = makeTempDir('alone');
let database: TestDatabase;
let server: ServeProcess;
beforeAll(async () => {
  database = await createTestDatabase();
  const flags = ['--database-url', database.url, '--toolsets', 'workflows', '--log-level', 'trace'];
  server = await serveProcess(dataDir, flags);
});
afterAll(async () => {
  await server.stop();
  await database.close();
  rmSync(dataDir, { recursive: true, force: true });
});

async function ok(name: string, input: unknown) {
  const { status, body } = await server.call(name, input);
  expect({ name, status, refused: status !== 200 && body }).toEqual({ name, status: 200, refused: false });
  return body;
}

test('with --toolsets workflows there are its tools and those of system, and no others', async () => {
  const { paths } = (await (await fetch(`${server.url}/openapi.json`)).json()) as {
    paths: Record<string, { post?: { tags: string[] } }>;
  };
  const tags = Object.values(paths).flatMap(({ post }) => post?.tags ?? []);
  expect([...new Set(tags)].sort()).toEqual(['system', 'workflows']);
  expect(Object.keys(paths)).toContain('/resources/pipeline_run/{run_id}');
  expect((await server.call('list_datasets', {})).body).toMatchObject({ error: { code: 'UNKNOWN_TOOL' } });
});

test('a run works there, and what is sensitive of it is in no table and no line of the log', async () => {
  const body = 'the-body-of-a-private-mail';
  const fetched = { subject: '{% $states.input.body %}' };
  const definition = workflowDocument(
    'private',
    {
      Fetch: { Type: 'Pass', Output: fetched, Assign: { kept: '{% $states.input.body %}' }, Next: 'Each' },
      Each: {
        Type: 'Map',
        Items: ['{% $kept %}'],
        ItemProcessor: {
          StartAt: 'Bad',
          States: { Bad: { Type: 'Fail', Error: 'Odd', Cause: '{% $states.input %}' } },
        },
        Catch: [{ ErrorEquals: ['States.ALL'], Output: '{% $states.errorOutput %}', Next: 'Report' }],
        Next: 'Report',
      },
      Report: { Type: 'Pass', End: true },
    },
    { sensitive: true },
  );
  await ok('put_workflow', { definition });
  const run = await ok('run_pipeline', { workflow: 'private', input: { body }, wait_s: 15 });
  expect(run).toMatchObject({ status: 'succeeded', output_omitted: 'sensitive' });
  const { rows } = await sql<{ schema: string; name: string }>`
    select schemaname as schema, tablename as name from pg_tables where schemaname in ('public', 'dbos')`.execute(
    database.db,
  );
  expect(rows.length).toBeGreaterThan(40);
  const holding: string[] = [];
  for (const { schema, name } of rows) {
    const table = sql.table(`${schema}.${name}`);
    const found = await sql`select 1 from ${table} as t where strpos(t::text, ${body}) > 0`.execute(database.db);
    if (found.rows.length > 0) holding.push(name);
  }
  expect(holding).toEqual([]);
  expect(server.output()).toContain('"tool":"run_pipeline"');
  expect(server.output()).not.toContain(body);
});
