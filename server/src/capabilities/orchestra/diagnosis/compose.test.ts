import fc from 'fast-check';
import { expect, test } from 'vitest';
import { uuidOf } from '../../../../../examples/orchestra-simulator/ids.ts';
import { runOf, taskOf } from '../../../../test/support/task-runs.ts';
import { conceal } from '../../../core/redact.ts';
import { type Pipeline, type PipelineRun, pipeline } from '../api/schemas.ts';
import { named } from '../present/redact.ts';
import type { Broken } from './broken.ts';
import { composed, type Findings, maxReportBytes } from './compose.ts';
import type { Evidence } from './evidence.ts';
import { failureOrder } from './failure-order.ts';
import { reportSchema } from './report.ts';
import { brokenSchema, showBroken } from './show-broken.ts';
import { verdictOnTask } from './verdict.ts';

const site = 'https://orchestra.example';
const time = '2026-01-02T03:04:05.000Z';
const bytes = (value: unknown) => Buffer.byteLength(JSON.stringify(value));

/** Texts of every kind that grow under JSON, UTF-8, or both; few enough that all are met. */
const text = fc.oneof(
  fc.constantFrom('short', '', '\u0000\u0001"\\', '日本語'),
  fc
    .tuple(fc.constantFrom('x', '"', '\\', '\u0007', '\n', '語', '🎺', 'ERROR: y ', 'https://e.example/'), fc.nat(4000))
    .map(([part, count]) => part.repeat(Math.ceil(count / part.length))),
);

interface Sizes {
  readonly texts: readonly string[];
  readonly tasks: number;
  readonly lists: number;
}

const sizes = fc.record({
  texts: fc.array(text, { minLength: 1, maxLength: 6 }),
  tasks: fc.nat(60),
  lists: fc.nat(300),
});

test('a report never has more than its bytes, whatever goes into it, and still meets its schema', () => {
  let cut = 0;
  fc.assert(
    fc.property(sizes, (given) => {
      const report = reportSchema.parse(composed(findings(given), site));
      expect(bytes(report)).toBeLessThanOrEqual(maxReportBytes);
      expect(report.run.url).toBe(`${site}/pipeline-runs/${report.run.pipeline_run_id}/lineage`);
      if (report.failed_tasks.truncated || report.run.truncated) cut += 1;
    }),
    {
      numRuns: 30,
      examples: ['\u0007', '"', '語'].map((part) => [{ texts: [part.repeat(6000)], tasks: 40, lists: 120 }]),
    },
  );
  expect(cut).toBeGreaterThan(5);
});

test('what is broken never has more either', () => {
  fc.assert(
    fc.property(sizes, (given) => {
      const shown = brokenSchema.parse(showBroken(broken(given), site));
      expect(bytes(shown)).toBeLessThanOrEqual(maxReportBytes);
    }),
    { numRuns: 15 },
  );
});

test('what fits is not cut', () => {
  const { history: _, ...report } = composed(findings({ texts: ['Connection timed out'], tasks: 3, lists: 2 }), site);
  const flags = Object.values(report).map((block) => (block as { truncated?: boolean }).truncated);
  expect(flags.includes(true)).toBe(false);
});

test('a secret that its name or form tells is hidden wherever it stands', () => {
  const secret = 'hunter2hunter2';
  const said = `could not log in: password=${secret} at https://me:${secret}@db.example/x`;
  const all = findings({ texts: [said], tasks: 4, lists: 3 });
  expect(JSON.stringify(all)).toContain(secret);
  expect(JSON.stringify(composed(all, site))).not.toContain(secret);
});

test('no part of a known secret is told, wherever a text is cut', () => {
  const secret = 'kq7-known-secret-0123456789';
  conceal(secret);
  for (const length of [280, 290, 590, 780, 1490]) {
    const said = `ERROR: ${'x '.repeat(length / 2)}${secret} ${'y '.repeat(500)}`;
    const report = composed(findings({ texts: [said], tasks: 4, lists: 1 }, false), site);
    expect(JSON.stringify(report)).not.toContain('kq7-');
  }
});

/** Everything as large as the given sizes. */
function findings({ texts, tasks: count, lists }: Sizes, excerpts = true): Findings {
  const say = (at: number) => texts[at % texts.length] ?? '';
  const tasks = Array.from({ length: count }, (_, at) =>
    taskOf(`${say(at)}${at}`, {
      status: ['FAILED', 'SKIPPED', 'CANCELLED', 'CREATED'][at % 4],
      taskName: say(at + 1),
      message: say(at + 2),
      externalMessage: say(at + 3),
      externalStatus: say(at),
      connectionId: say(at + 1),
      platformLink: `https://platform.example/${say(at)}`,
      integration: say(at + 2),
      dependsOn: at === 0 ? [say(at)] : [`${say(at - 1)}${at - 1}`, say(at)],
      createdAt: time,
      completedAt: time,
    }),
  );
  const run = hugeRun(say, lists, 0);
  const evidence: Evidence = {
    from: 'log',
    endpoint: 'GET /x',
    about: say(1),
    text: say(2).slice(0, 4000),
    line: say(3).slice(0, 300),
    cut: false,
  };
  const order = failureOrder(tasks, ({ status }) => status === 'FAILED');
  const logs = Array.from({ length: lists }, (_, at) => ({ name: say(at).slice(0, 1000), attempt: at }));
  const roots = order.failed
    .filter(({ root }) => root)
    .slice(0, 3)
    .map(({ task }) => ({
      task,
      evidence: {
        excerpt: excerpts ? evidence : undefined,
        logs,
        newest: logs[0],
        artifacts: logs.map(({ name }) => name),
      },
      verdict: verdictOnTask(task, excerpts ? evidence : undefined),
    }));
  const runs = Array.from({ length: Math.min(lists, 100) }, (_, at) => hugeRun(say, 1, at + 1));
  const history = { from: 0, runs, failures: tasks, lastSuccess: runs[0], truncated: true };
  const gaps = Array.from({ length: 18 }, (_, at) => ({ what: 'Log', file: named(say(at)), why: 'gone' }));
  return { run, tasks, order, roots, history, pipelines: pipelinesOf(say, lists), gaps, writes: true };
}

function hugeRun(say: (at: number) => string, lists: number, at: number): PipelineRun {
  const names = { pipelineName: say(at), envName: say(at + 1), branch: say(at + 2), commit: say(at + 3) };
  return runOf({
    ...names,
    id: uuidOf(`run ${at}`),
    runStatus: at % 2 === 0 ? 'FAILED' : 'SUCCEEDED',
    message: say(at),
    gitLink: `https://git.example/${say(at)}`,
    createdAt: time,
    triggeredBy: Array.from({ length: lists }, (_, other) => ({ triggerType: 'SCHEDULED', scheduleName: say(other) })),
    childPipelineRuns: Array.from({ length: lists }, (_, other) => ({ pipelineName: say(other) })),
  });
}

function pipelinesOf(say: (at: number) => string, count: number): Pipeline[] {
  const triggerEvents = JSON.stringify([{ pipelineId: uuidOf('pipeline') }]);
  return Array.from({ length: count }, (_, at) =>
    pipeline.parse({ id: uuidOf(`waiting ${at}`), name: say(at), triggerEvents, defaultBranch: say(at) }),
  );
}

function broken(given: Sizes): Broken {
  const { run, tasks = [], gaps } = findings(given);
  const failure = { run, task: tasks[0] };
  const groups = Array.from({ length: given.lists }, (_, at) => ({
    fingerprint: `fp_${at}`,
    failures: [failure, { run, task: tasks[at] }] as const,
    recovered: at % 2 === 0,
  }));
  return {
    window: { from: 0, to: 1 },
    runs: [run],
    groups: groups.map((group) => ({ ...group, failures: [...group.failures] })),
    gaps,
  };
}
