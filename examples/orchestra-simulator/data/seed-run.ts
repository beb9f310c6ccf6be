import { readFileSync } from 'node:fs';
import type { Outcome, PipelinePlan } from '../model.ts';
import { runResults } from './files.ts';

const { known, invented } = JSON.parse(readFileSync(new URL('seed-run.json', import.meta.url), 'utf8'));

const models = ['stg_journal_entries', 'int_journal_lines'];

/** Invented, as the JSON says: only that a task failed is known. */
const failure: Outcome = {
  status: 'FAILED',
  message: 'Task failed: dbt build ended with errors.',
  externalStatus: 'FAILED',
  externalMessage: invented.error,
  operations: [
    ...models.map((name) => ({ name, type: 'MATERIALISATION', status: 'SUCCEEDED' })),
    { name: 'rpt_sales_journal_analysis', type: 'MATERIALISATION', status: 'FAILED', message: invented.error },
  ],
  logs: [
    {
      name: '1/dbt build',
      body: `20:42:01  Running with dbt=1.10.4\n20:42:09  1 of 3 OK created sql table model stg_journal_entries\n20:44:31  2 of 3 OK created sql table model int_journal_lines\n20:50:10  3 of 3 ERROR creating sql table model rpt_sales_journal_analysis\n20:50:11  Completed with 1 error:\n20:50:11    ${invented.error}\n20:50:12  Done. PASS=2 WARN=0 ERROR=1 SKIP=0 TOTAL=3\n`,
    },
  ],
  artifacts: [
    runResults([
      ...models.map((name) => ({ id: `model.sales.${name}`, status: 'success' })),
      { id: invented.failingModel, status: 'error', message: invented.error },
    ]),
  ],
};

/** The failed run that Tutti's users know by its first eight characters, and two invented runs beside it. */
export const salesJournal: PipelinePlan = {
  id: known.pipelineId,
  name: known.pipelineName,
  alias: invented.alias,
  tasks: [
    { id: 'load_journal', integration: 'FIVETRAN', job: 'FIVETRAN_SYNC_ALL', takesS: 40 },
    {
      id: invented.failingTask,
      name: 'dbt build',
      integration: 'DBT_CORE',
      job: 'DBT_CORE_EXECUTE',
      dependsOn: ['load_journal'],
      takesS: 490,
    },
    { id: 'refresh_report', integration: 'TABLEAU', job: 'TABLEAU_REFRESH', dependsOn: [invented.failingTask] },
  ],
  runs: [
    { at: invented.lastSuccess },
    {
      id: known.id,
      at: known.createdAt,
      outcomes: { [invented.failingTask]: failure },
      exact: {
        runStatus: known.runStatus,
        message: known.message,
        createdAt: known.createdAt,
        startedAt: known.startedAt,
        completedAt: known.completedAt,
        triggeredBy: [{ triggerType: known.triggerType }],
        branch: known.branch,
        commit: known.commit,
      },
    },
  ],
};
