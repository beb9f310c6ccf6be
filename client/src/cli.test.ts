import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestServer, type TestServer } from '../../server/test/support/server.ts';
import { tutti } from '../test/support.ts';

let server: TestServer;
let here: { dataDir: string };
beforeAll(async () => {
  server = await startTestServer();
  here = { dataDir: server.dataDir };
});
afterAll(() => server.stop());

const call = (args: readonly string[], more = {}) => tutti(['call', ...args], { ...here, ...more });

test('a call by flags reaches the tool with coerced fields and prints the answer as JSON', async () => {
  const made = await call([
    'register_dataset',
    '--name',
    'flags',
    '--uri',
    'tutti://flags',
    '--tags',
    'a,b',
    '--labels.team',
    'x',
  ]);
  expect(made).toMatchObject({ code: 0, notes: '' });
  const dataset = JSON.parse(made.out);
  expect(dataset).toMatchObject({ name: 'flags', tags: ['a', 'b'], labels: { team: 'x' } });
  const shown = await call(['get-dataset', '--dataset-id', dataset.id]);
  expect(JSON.parse(shown.out)).toMatchObject({ id: dataset.id });
  const listed = await call(['list_datasets', '--page-size', '1']);
  expect(JSON.parse(listed.out).items).toHaveLength(1);
});

test('a call takes one JSON object, also from standard input', async () => {
  const input = JSON.stringify({ name: 'json', uri: 'tutti://json' });
  expect(await call(['register_dataset', input])).toMatchObject({ code: 0 });
  const again = await call(['register_dataset', '-'], { input });
  expect(again.code).toBe(5);
  expect(JSON.parse(again.notes)).toMatchObject({ success: false, error: { code: 'ALREADY_EXISTS' } });
});

test.each([
  [['register_dataset', '[1]'], /not a JSON object/],
  [['register_dataset', '{"name"'], /not a JSON object/],
  [['register_dataset', '{}', '--name', 'x'], /JSON and flags at once/],
  [['list_jobs', '--nope', '1'], /list_jobs has no field --nope\. It takes --\w+/],
  [['list_capabilities', '--nope', '1'], /It takes no fields/],
  [['list_jobs', '--page-size', 'many'], /--page-size takes integer/],
  [['no_such_tool'], /There is no tool called "no_such_tool"/],
])('%j is refused before anything is called', async (args, sentence) => {
  const refused = await call(args);
  expect(refused).toMatchObject({ code: 2, out: '', notes: expect.stringMatching(sentence) });
});

test('a refusal of the server goes to stderr as it came, and its exit code tells the kind', async () => {
  const bad = await call(['register_dataset', '{"name": "x"}']);
  expect(bad).toMatchObject({ code: 2, out: '' });
  expect(JSON.parse(bad.notes)).toMatchObject({
    success: false,
    error: {
      code: 'VALIDATION_FAILED',
      retryable: false,
      suggestion: expect.any(String),
      details: { issues: expect.any(Array) },
    },
  });
  expect((await call(['get_dataset', '--dataset-id', 'ds_0'])).code).toBe(4);
  expect((await call(['list_jobs'], { token: 'wrong' })).code).toBe(3);
  const { secret } = await server.token('reader-only', ['lake:read']);
  const forbidden = await call(['register_dataset', '--name', 'y', '--uri', 'tutti://y'], { token: secret });
  expect(forbidden.code).toBe(3);
  expect(JSON.parse(forbidden.notes).error.code).toBe('FORBIDDEN');
});

test('the server is named by flag before or after the tool, by variable, or by its data directory', async () => {
  const { url, admin, dataDir } = server;
  const named = ['--url', url, '--token', admin];
  expect((await tutti(['call', ...named, 'list_capabilities'])).code).toBe(0);
  expect((await tutti(['call', 'list_capabilities', ...named])).code).toBe(0);
  expect((await tutti(['call', 'list_capabilities', `--data-dir=${dataDir}`])).code).toBe(0);
  expect((await tutti(['call', 'list_capabilities'], { url, token: admin })).code).toBe(0);
  const lost = await tutti(['call', 'list_capabilities']);
  expect(lost).toMatchObject({ code: 6, notes: expect.stringContaining('`tutti serve`') });
});

test('tools are listed by toolset, and one is shown with its fields', async () => {
  const all = await tutti(['tools'], here);
  expect(all.out).toMatch(/^system\n[\s\S]*^ {2}list_jobs +read +List jobs$[\s\S]*^lake$/m);
  const lake = await tutti(['tools', '--toolset', 'lake', '--json'], here);
  expect(new Set(JSON.parse(lake.out).map((tool: { toolset: string }) => tool.toolset))).toEqual(new Set(['lake']));
  const one = await tutti(['tools', 'search_dataset'], here);
  expect(one.out).toContain('--dataset_id  (string, required)');
  expect(one.out).toContain('--page_size  (integer, default 50)');
  expect((await call(['search_dataset', '--help'])).out).toBe(one.out);
  const none = await tutti(['tools', '--toolset', 'nope'], here);
  expect(none).toMatchObject({ code: 2, notes: expect.stringContaining('system, lake') });
});

test('help and version go to stdout, mistakes to stderr with exit code 2', async () => {
  expect(await tutti(['--version'])).toMatchObject({ code: 0, out: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) });
  const help = await tutti(['--help']);
  for (const name of ['serve', 'token', 'tour', 'call', 'tools'])
    expect(help.out).toMatch(new RegExp(`^  ${name} `, 'm'));
  expect(await tutti(['nope'])).toMatchObject({ code: 2, out: '', notes: expect.stringContaining('nope') });
  expect(await tutti(['call'])).toMatchObject({ code: 2, out: '' });
  expect((await tutti(['help'])).out).toBe(help.out);
  expect((await tutti(['help', 'tools'])).out).toBe((await tutti(['tools', '--help'])).out);
});

test.each([
  [['nope'], "Unknown command 'nope'.\nSee: tutti --help\n"],
  [['tool'], "Unknown command 'tool'.\n(Did you mean tools?)\nSee: tutti --help\n"],
  [['tools', '--color'], "Unknown option '--color'.\nSee: tutti tools --help\n"],
  [['call'], "Missing required argument 'name'.\nSee: tutti call --help\n"],
])('%j is answered with what is wrong and where to look', async (args, notes) => {
  expect(await tutti(args)).toEqual({ code: 2, out: '', notes, asked: [] });
});
