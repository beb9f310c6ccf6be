import type { PipelineRun } from '../api/schemas.ts';
import { named } from '../present/redact.ts';
import { hasEnded } from '../present/run.ts';
import type { RootFacts } from './roots.ts';
import type { Verdict } from './verdict.ts';

/** What to do next: with a tool of ours, or by hand where there is none. */
export interface NextStep {
  readonly action: string;
  readonly tool?: string;
  readonly args?: Readonly<Record<string, string>>;
  readonly why: string;
  /** It changes something. */
  readonly writes: boolean;
}

interface Known {
  readonly run: PipelineRun;
  readonly verdict: Verdict;
  readonly roots: readonly RootFacts[];
  readonly lastSuccess: PipelineRun | undefined;
  /** Newest run of the pipeline, where it is known. */
  readonly latest: { readonly id: string; readonly status: string | null } | undefined;
  /** The operator allows retries. */
  readonly writes: boolean;
}

const byHand: Partial<Record<Verdict['category'], string>> = {
  AUTH: 'Renew the credentials or the permissions of the connection in Orchestra, then run it again.',
  CONFIG: 'Correct the definition, the parameter or the variable that the evidence names, then run it again.',
  QUERY: 'Correct the query or the model that the evidence names, then run it again.',
  CODE: 'Correct the code that the evidence names, then run it again.',
  DATA: 'Look at the data that the evidence names: correct it at its source, or the expectation of it.',
  UPSTREAM: 'Wait for what is missing, or mend it, then run it again.',
  TOOL_OR_INFRASTRUCTURE: 'Give the task more memory or disk, or install what is missing.',
  FEATURE_BRANCH_RUN: 'Leave it to whoever works on that branch.',
};

/** A name that is cut or redacted would name nothing. */
const longestArgument = 90;

/** The steps that the verdict suggests, the most useful first. */
export function nextSteps(known: Known): NextStep[] {
  const { run, verdict } = known;
  if (verdict.category === 'NOT_FAILED') return hasEnded(run) ? [] : [watch(run)];
  const hand = byHand[verdict.category];
  return [
    ...newer(known),
    ...(hasEnded(run) ? retry(known) : [watch(run)]),
    ...(hand === undefined ? [] : [{ action: hand, why: `The category is ${verdict.category}.`, writes: false }]),
    ...known.roots.slice(0, 1).flatMap((root) => look(run, root)),
    ...compare(known),
  ];
}

function newer({ run, latest }: Known): NextStep[] {
  if (!latest || latest.id === run.id) return [];
  const well = latest.status === 'SUCCEEDED';
  return [
    {
      action: well
        ? 'Look whether it is over: a newer run went well.'
        : 'Look at the newest run of the pipeline as well.',
      tool: well ? 'get_pipeline_run_status' : 'diagnose_pipeline_run',
      args: { pipeline_run_id: latest.id },
      why: 'This is not the newest run of its pipeline.',
      writes: false,
    },
  ];
}

function watch(run: PipelineRun): NextStep {
  return {
    action: 'Wait for the end of the run.',
    tool: 'watch_pipeline_run',
    args: { pipeline_run_id: run.id },
    why: 'It has not ended.',
    writes: false,
  };
}

/** A retry takes up the newest failed run of the pipeline: proposed for no other, and only where it may help. */
function retry({ run, verdict, latest, writes }: Known): NextStep[] {
  if (verdict.retryable !== 'yes' || run.runStatus !== 'FAILED' || latest?.id !== run.id) return [];
  const why = 'Such failures are often gone the next time. What went well is not run again; what comes after is.';
  if (!writes) {
    const action = 'Retry it from the failed task on in Orchestra, with the tasks that come after it.';
    return [{ action, why: `${why} This server may not: orchestra.allow_writes is off.`, writes: true }];
  }
  const action = 'Retry it from the failed task on, with the tasks that come after it.';
  return [{ action, tool: 'retry_pipeline_run', args: { pipeline_run_id: run.id }, why, writes: true }];
}

function look(run: PipelineRun, { task, evidence }: RootFacts): NextStep[] {
  const { excerpt, logs, newest } = evidence;
  const args = { pipeline_run_id: run.id, task_run_id: task.id };
  const structured = excerpt?.from === 'operations';
  const whole = newest && newest.name.length <= longestArgument && named(newest.name) === newest.name;
  const file = whole ? { filename: newest.name } : {};
  return [
    ...(structured
      ? [
          {
            action: 'Read all operations of the task.',
            tool: 'list_task_operations',
            args,
            why: 'Some of them failed.',
            writes: false,
          },
        ]
      : []),
    ...(logs.length > 0
      ? [
          {
            action: 'Read more of the log.',
            tool: 'get_task_run_logs',
            args: { ...args, ...file },
            why: 'The excerpt is a part of it.',
            writes: false,
          },
        ]
      : []),
  ];
}

function compare({ run, lastSuccess }: Known): NextStep[] {
  if (!lastSuccess || lastSuccess.id === run.id) return [];
  return [
    {
      action: 'Compare with the last run that went well.',
      tool: 'get_pipeline_run_details',
      args: { pipeline_run_id: lastSuccess.id },
      why: 'What differs between the two may be the cause.',
      writes: false,
    },
  ];
}
