import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, expect, test, vi } from 'vitest';
import { stringify } from 'yaml';
import { workflow } from './workflow-command.ts';

const example = path.join(import.meta.dirname, '../../examples/email');
const definition = path.join(example, 'email-triage.yaml');
const answers = path.join(example, 'answers.yaml');
const directory = mkdtempSync(path.join(tmpdir(), 'tutti-workflow-command-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));
afterEach(() => vi.restoreAllMocks());

async function tutti(...args: string[]): Promise<{ code: number; out: string; notes: string }> {
  const out = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  const notes = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  const code = await workflow(args);
  const said = { code, out: out.mock.calls.join(''), notes: notes.mock.calls.join('') };
  vi.restoreAllMocks();
  return said;
}

function write(name: string, value: unknown): string {
  const file = path.join(directory, name);
  writeFileSync(file, typeof value === 'string' ? value : stringify(value));
  return file;
}
const states = (all: object, more: object = {}) =>
  write('states.yaml', {
    name: 'tried',
    ...more,
    definition: { QueryLanguage: 'JSONata', StartAt: Object.keys(all)[0], States: all },
  });
const rehearse = async (file: string, script: object) => {
  const { code, out, notes } = await tutti('test', file, '--answers', write('script.yaml', script), '--json');
  return { code, notes, ...(out && JSON.parse(out)) };
};

test('the email example is valid, is drawn, and comes to what its file of answers expects', async () => {
  expect(await tutti('validate', definition)).toMatchObject({ code: 0, out: 'email-triage is valid.\n' });
  const drawn = await tutti('draw', definition);
  expect(drawn).toMatchObject({ code: 0, out: expect.stringMatching(/^(flowchart|stateDiagram-v2)/) });
  expect(drawn.out).toContain('CreateTask');
  const { code, out } = await tutti('test', definition, '--answers', answers);
  expect({ code, out }).toMatchObject({ code: 0, out: expect.not.stringContaining('✗') });
  expect(out).toMatch(/1:Each\[2\]\/2:Enrich +Task +failed +1 +enrichment\/enrich_content +States\.TaskFailed\n/);
  expect(out).toMatch(
    /partial: 2 of 3 emails processed, 1 of them urgent\n18 calls; it would have waited 2 s\.\n✓ status/,
  );
});

test('what is not as expected is told with both, and the exit code is 1', async () => {
  const other = write(
    'other.yaml',
    readFileSync(answers, 'utf8')
      .replace('status: partial', 'status: succeeded')
      .replace('tasks/create_task: 1', 'tasks/create_task: 2'),
  );
  const { code, out } = await tutti('test', definition, '--answers', other);
  expect(code).toBe(1);
  expect(out).toContain('✗ status\n  expected "succeeded"\n  got      "partial"\n');
  expect(out).toContain('✗ calls of tasks/create_task\n  expected 2\n  got      1\n');
  expect(out).toContain('✓ output');
});

test('waits, back-off and days for an approval take no time; retries, rejections and nobody are played', async () => {
  const ask = (name: string, next: object) => ({
    Type: 'Task',
    Resource: 'mcp://tutti/request_approval',
    Arguments: { message: name, expires_s: 86_400 },
    Catch: [{ ErrorEquals: ['Tutti.ApprovalRejected'], Next: 'Late' }],
    ...next,
  });
  const file = states({
    Wait: { Type: 'Wait', Seconds: 3600, Next: 'Flaky' },
    Flaky: {
      Type: 'Task',
      Resource: 'mcp://s/flaky',
      Arguments: { n: 1 },
      Retry: [{ ErrorEquals: ['States.TaskFailed'], IntervalSeconds: 10, BackoffRate: 2, MaxAttempts: 2 }],
      Next: 'First',
    },
    First: ask('first', { Assign: { limit: '{% $states.result.values.limit %}' }, Next: 'Second' }),
    Second: ask('second', { Next: 'Late' }),
    Late: ask('late', { Catch: [{ ErrorEquals: ['States.Timeout'], Next: 'Done' }], Next: 'Done' }),
    Done: { Type: 'Pass', Output: { limit: '{% $limit %}', at: '{% $now() %}' }, End: true },
  });
  const script = {
    now: '2026-03-01T00:00:00Z',
    answers: {
      's/flaky': [{ error: 'States.TaskFailed', times: 2 }, { result: { n: '{% $states.input.n + 1 %}' } }],
      'tutti/request_approval': [
        { when: { message: 'first' }, result: { by: 'desk', values: { limit: 7 } } },
        { when: { message: 'second' }, error: 'Tutti.ApprovalRejected', cause: 'too much' },
        { error: 'States.Timeout' },
      ],
    },
    expect: {
      status: 'succeeded',
      output: { limit: 7, at: '2026-03-02T01:00:30.000Z' },
      calls: { 's/flaky': 3, 'tutti/request_approval': 3 },
    },
  };
  const made = await rehearse(file, script);
  expect(made.compared.filter(({ met }: { met: boolean }) => !met)).toEqual([]);
  expect(made).toMatchObject({ code: 0, seconds: 3600 + 30 + 86_400 });
});

test('without expectations the exit code is that of the run; an error is told by its name', async () => {
  const file = states({ Call: { Type: 'Task', Resource: 'mcp://s/call', Arguments: {}, End: true } });
  expect(await rehearse(file, { answers: { 's/call': [{ result: null }] } })).toMatchObject({
    code: 0,
    status: 'succeeded',
  });
  const broken = { answers: { 's/call': [{ error: 'Tutti.IN_DOUBT', cause: 'cut off' }] } };
  expect(await rehearse(file, broken)).toMatchObject({
    code: 1,
    status: 'in_doubt',
    error: { Error: 'Tutti.IN_DOUBT' },
  });
  const expected = { ...broken, expect: { status: 'in_doubt', error: 'Tutti.IN_DOUBT' } };
  expect(await rehearse(file, expected)).toMatchObject({ code: 0 });
});

test('a call without an answer, input that misses its schema and a file that is none end with 2 and say why', async () => {
  const all = {
    Call: {
      Type: 'Task',
      Resource: 'mcp://s/call',
      Arguments: { n: 1 },
      Catch: [{ ErrorEquals: ['States.ALL'], Next: 'End' }],
      End: true,
    },
    End: { Type: 'Succeed' },
  };
  const file = states(all, { input: { type: 'object', required: ['n'], properties: { n: { type: 'integer' } } } });
  const none = await rehearse(file, { input: { n: 1 }, answers: { 's/call': [{ when: { n: 2 }, result: 1 }] } });
  expect(none).toMatchObject({
    code: 2,
    notes: expect.stringContaining('no answer for a call of s/call with {"n":1}'),
  });
  expect(await rehearse(file, {})).toMatchObject({ code: 2, notes: expect.stringContaining('misses the schema') });
  const wrong = await rehearse(file, { answers: { 's/call': [{ result: 1, error: 'x' }] } });
  expect(wrong).toMatchObject({ code: 2, notes: expect.stringContaining('needs either result or error') });
  expect(await tutti('test', file, '--answers', path.join(directory, 'none'))).toMatchObject({
    code: 2,
    notes: expect.stringContaining('ENOENT'),
  });
});

test('problems of a definition are told with where they are, and words that make no sense show the help', async () => {
  const file = states({ Call: { Type: 'Task', Resource: 'mcp://s/call', Next: 'Nowhere' } });
  const { code, notes } = await tutti('validate', file);
  expect(code).toBe(1);
  expect(notes).toMatch(/definition\.States\.Call\.Next: /);
  const json = await tutti('validate', file, '--json');
  expect(json.code).toBe(1);
  expect(JSON.parse(json.out)).toMatchObject({ valid: false, problems: expect.anything() });
  expect(JSON.parse(json.out).problems[0]).toMatchObject({ path: 'definition.States.Call.Next' });
  for (const words of [
    [],
    ['test', definition],
    ['draw'],
    ['run', definition],
    ['draw', definition, '--answers', answers],
  ]) {
    expect(await tutti(...words)).toMatchObject({ code: 2, notes: expect.stringContaining('tutti workflow draw') });
  }
});
