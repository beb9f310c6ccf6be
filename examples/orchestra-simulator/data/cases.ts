import type { Outcome, PipelinePlan, TaskPlan } from '../model.ts';
import { binary, hugeManifest, longLog, messyLog, oddNames, runResults } from './files.ts';

const hour = 3600;
const day = 24 * hour;

export const python = (id: string, more: Partial<TaskPlan> = {}): TaskPlan => ({
  id,
  integration: 'PYTHON',
  job: 'PYTHON_EXECUTE_SCRIPT',
  ...more,
});

export const failed = (message: string, more: Partial<Outcome> = {}): Outcome => ({
  status: 'FAILED',
  message: 'Task failed.',
  externalStatus: 'FAILED',
  externalMessage: message,
  logs: [longLog('1/run script', 200, 120, `ERROR: ${message}`)],
  ...more,
});

const timeout = failed('Connection timed out after 30000 ms while reading from warehouse');

/** Runs that end in every way that a report has to explain. All of it is made up. */
export const endings: readonly PipelinePlan[] = [
  {
    name: 'Nightly orders',
    alias: 'nightly_orders',
    tasks: [
      python('extract'),
      python('transform', { dependsOn: ['extract'] }),
      python('publish', { dependsOn: ['transform'] }),
    ],
    runs: [
      ...[6, 5, 4, 3].map((days) => ({ at: days * day })),
      ...[2, 1].map((days) => ({ at: days * day, outcomes: { transform: timeout } })),
      { at: 21 * day },
      { at: 30 * day, outcomes: { extract: timeout } },
    ],
  },
  {
    name: 'Warned',
    alias: 'warned',
    tasks: [python('load'), { id: 'tests', integration: 'DBT_CORE', job: 'DBT_CORE_EXECUTE', dependsOn: ['load'] }],
    runs: [
      {
        at: 5 * hour,
        outcomes: {
          tests: {
            status: 'WARNING',
            message: 'dbt tests warned.',
            operations: [
              {
                name: 'not_null_orders_id',
                type: 'TEST',
                status: 'WARNING',
                message: 'Got 3 results, configured to warn if != 0',
              },
            ],
            artifacts: [runResults([{ id: 'test.shop.not_null_orders_id', status: 'warn', message: 'Got 3 results' }])],
          },
        },
      },
    ],
  },
  {
    name: 'Failure as warning',
    alias: 'failure_as_warning',
    tasks: [python('optional', { treatFailureAsWarning: true }), python('after', { dependsOn: ['optional'] })],
    runs: [{ at: 6 * hour, outcomes: { optional: failed('The vendor has no file for today') } }],
  },
  {
    name: 'Cancelled by hand',
    alias: 'cancelled_by_hand',
    tasks: [python('long', { takesS: 600 }), python('never', { dependsOn: ['long'] })],
    runs: [{ at: 7 * hour, cancelledAfterS: 60 }],
  },
  {
    name: 'Still running',
    alias: 'still_running',
    tasks: [python('broken', { takesS: 10 }), python('endless', { takesS: 30 * day })],
    runs: [{ at: 600, outcomes: { broken: failed('KeyError: customer_id') } }],
  },
  {
    name: 'Broken definition',
    alias: 'broken_definition',
    tasks: [python('only')],
    runs: [
      {
        at: 8 * hour,
        neverBegan: true,
        exact: {
          runStatus: 'FAILED',
          startedAt: null,
          message: 'Pipeline failed to start: environment variable REGION is not defined.',
        },
      },
    ],
  },
  {
    name: 'Skipped for concurrency',
    alias: 'skipped_for_concurrency',
    tasks: [python('only')],
    runs: [
      {
        at: 9 * hour,
        neverBegan: true,
        exact: { runStatus: 'SKIPPED', startedAt: null, message: 'Pipeline run skipped: concurrency limit reached.' },
      },
    ],
  },
];

/** Shapes of graphs and of answers. */
export const shapes: readonly PipelinePlan[] = [
  {
    name: 'Two roots',
    alias: 'two_roots',
    tasks: [
      python('extract_a', { takesS: 60 }),
      python('extract_b', { takesS: 20 }),
      python('join', { dependsOn: ['extract_a', 'extract_b'] }),
      python('unrelated'),
    ],
    runs: [
      {
        at: 10 * hour,
        outcomes: {
          extract_a: failed('403 Forbidden: token expired'),
          extract_b: failed('relation "raw.b" does not exist'),
        },
      },
    ],
    next: { extract_a: failed('403 Forbidden: token expired') },
  },
  {
    name: 'Matrix',
    alias: 'matrix',
    tasks: [
      python('regions'),
      ...['eu', 'us', 'ap'].map((region) =>
        python(`regions_${region}`, { matrixParent: 'regions', parameters: { region } }),
      ),
    ],
    runs: [
      { at: 11 * hour, outcomes: { regions: failed('1 of 3 failed'), regions_us: failed('Disk quota exceeded') } },
    ],
  },
  {
    name: 'Second attempt',
    alias: 'second_attempt',
    tasks: [python('flaky')],
    runs: [
      {
        at: 12 * hour,
        outcomes: {
          flaky: failed('ECONNRESET', {
            superseded: 1,
            logs: [1, 2].map((attempt) =>
              longLog(`${attempt}/run script`, 20, 15, `ERROR: ECONNRESET in attempt ${attempt}`),
            ),
          }),
        },
      },
    ],
  },
  {
    name: 'Many tasks',
    alias: 'many_tasks',
    tasks: Array.from({ length: 120 }, (_, at) =>
      python(`t${String(at).padStart(3, '0')}`, {
        takesS: 5,
        ...(at === 0 ? {} : { dependsOn: [`t${String(at - 1).padStart(3, '0')}`] }),
      }),
    ),
    runs: [{ at: 13 * hour, outcomes: { t070: failed('division by zero') } }],
  },
  {
    name: 'Grouped',
    alias: 'grouped',
    tasks: [
      python('in_1', { group: 'ingest' }),
      python('in_2', { group: 'ingest' }),
      python('model', { dependsOn: ['ingest'] }),
    ],
    runs: [{ at: 14 * hour, outcomes: { in_2: failed('HTTP 500 from the source') } }],
  },
  {
    name: 'Thirty tasks',
    alias: 'thirty_tasks',
    tasks: Array.from({ length: 30 }, (_, at) =>
      python(`n${String(at).padStart(2, '0')}`, {
        ...(at < 3 ? {} : { dependsOn: [`n${String(at - 3).padStart(2, '0')}`] }),
      }),
    ),
    runs: [{ at: 15 * hour, outcomes: { n04: timeout } }],
  },
];

/** Answers with gaps in them, and files that are awkward to read. */
export const oddities: readonly PipelinePlan[] = [
  {
    name: 'No sub-paths',
    alias: 'no_sub_paths',
    tasks: [python('hidden')],
    runs: [{ at: 16 * hour, withoutTasks: true, outcomes: { hidden: failed('unseen') } }],
  },
  {
    name: 'Nothing said',
    alias: 'nothing_said',
    tasks: [python('silent')],
    runs: [
      {
        at: 17 * hour,
        outcomes: {
          silent: {
            status: 'FAILED',
            message: null,
            logs: [],
            exact: { dependsOn: null, taskParameters: null, startedAt: null },
          },
        },
        exact: { message: null, startedAt: null },
      },
    ],
  },
  {
    name: 'Of tomorrow',
    alias: 'of_tomorrow',
    tasks: [python('strange')],
    runs: [
      {
        at: 18 * hour,
        outcomes: {
          strange: { status: 'FAILED', exact: { status: 'HIBERNATED', integration: 'QUANTUM', brandNew: { a: 1 } } },
        },
        exact: { runStatus: 'PAUSED_FOR_REVIEW', triggeredBy: [{ triggerType: 'TELEPATHY' }], brandNew: [1, 2] },
      },
    ],
  },
  {
    name: 'Awkward files',
    alias: 'awkward_files',
    tasks: [python('s3_down'), python('ignores_range'), python('being_written'), python('messy'), python('artifacts')],
    runs: [
      {
        at: 19 * hour,
        outcomes: {
          s3_down: failed('see the log', { logs: [{ name: '1/run script', body: 'unreadable', fault: 's3-500' }] }),
          ignores_range: failed('see the log', {
            logs: [{ ...longLog('1/run script', 5000, 4900, 'ERROR: near the end'), fault: 'no-range' }],
          }),
          being_written: failed('see the log', {
            logs: [{ name: '1/run script', body: 'first line\n', fileStatus: 'PENDING' }],
          }),
          messy: failed('see the log', { logs: [messyLog] }),
          artifacts: { status: 'SUCCEEDED', artifacts: [hugeManifest, binary, ...oddNames] },
        },
      },
    ],
  },
];
