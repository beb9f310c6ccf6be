import type { PipelinePlan, TaskPlan } from '../model.ts';
import { failed, python } from './cases.ts';
import { hugeManifest, longLog, runResults } from './files.ts';

const hour = 3600;
const day = 24 * hour;

const three: TaskPlan[] = Array.from({ length: 30 }, (_, at) =>
  python(`m${String(at).padStart(2, '0')}`, {
    ...(at < 3 ? {} : { dependsOn: [`m${String(at - 3).padStart(2, '0')}`] }),
  }),
);

/** What a report can tell beyond the error itself. All of it is made up. */
export const causes: readonly PipelinePlan[] = [
  {
    name: 'dbt without operations',
    alias: 'dbt_without_operations',
    tasks: [{ id: 'models', integration: 'DBT_CORE', job: 'DBT_CORE_EXECUTE' }],
    runs: [
      { at: 3 * day, exact: { commit: 'aaaa1111', branch: 'main' } },
      {
        at: 20 * hour,
        outcomes: {
          models: {
            status: 'FAILED',
            message: 'Task failed.',
            operations: [],
            logs: [longLog('1/dbt build', 50, 40, 'ERROR: see run_results.json')],
            artifacts: [
              hugeManifest,
              runResults([
                { id: 'model.shop.stg_orders', status: 'success' },
                {
                  id: 'model.shop.fct_orders',
                  status: 'error',
                  message: 'Database Error in model fct_orders\n  column "discount" does not exist',
                  code: 'select discount from stg_orders',
                },
              ]),
            ],
          },
        },
        exact: { commit: 'bbbb2222', branch: 'main' },
      },
    ],
  },
  {
    name: 'Feature branch',
    alias: 'feature_branch',
    defaultBranch: 'main',
    tasks: [python('try_it')],
    runs: [
      {
        at: 21 * hour,
        outcomes: { try_it: failed('SyntaxError: invalid syntax') },
        exact: { branch: 'feature/new-report' },
      },
    ],
  },
  {
    name: 'Failing for days',
    alias: 'failing_for_days',
    tasks: [python('load')],
    runs: [
      { at: 10 * day },
      ...[4, 2].map((days) => ({ at: days * day, outcomes: { load: failed(`401 Unauthorized in attempt ${days}`) } })),
    ],
  },
  {
    name: 'Three of thirty',
    alias: 'three_of_thirty',
    tasks: three,
    runs: [
      {
        at: 22 * hour,
        outcomes: Object.fromEntries(['m03', 'm04', 'm05'].map((id) => [id, failed(`${id}: see the log`)])),
      },
    ],
  },
];
