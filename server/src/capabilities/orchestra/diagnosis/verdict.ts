import type { PipelineRun, TaskRun } from '../api/schemas.ts';
import { withoutSecrets } from '../present/redact.ts';
import { hasEnded } from '../present/run.ts';
import { type Category, categories, categoryOf, type Retryable } from './categories.ts';
import { runEndpoint, tasksOfRunEndpoint } from './endpoints.ts';
import type { Evidence } from './evidence.ts';
import { tellingLine } from './excerpt.ts';

export type Confidence = 'high' | 'medium' | 'low';

export interface Verdict {
  readonly category: Category;
  readonly confidence: Confidence;
  readonly retryable: Retryable;
  /** What it rests on. */
  readonly evidence: Evidence | undefined;
  /** The task run that it is about; none where it is about the run. */
  readonly taskRunId?: string;
}

/**
 * Why a task failed: the first that says something known, of what is there. What the platform reports in fields of its own is relied on
 * more than a log, and a log more than a general message.
 */
export function verdictOnTask(task: TaskRun, excerpt: Evidence | undefined): Verdict {
  const structured = excerpt?.from === 'operations' || excerpt?.from === 'run_results';
  const external = message('external_message', tasksOfRunEndpoint, task.externalMessage);
  const said = message('task_message', tasksOfRunEndpoint, task.message);
  const weighed: readonly (readonly [Evidence | undefined, Confidence])[] = [
    ...(structured ? ([[excerpt, 'high']] as const) : []),
    [external, 'high'],
    [excerpt, 'medium'],
    [said, 'low'],
  ];
  for (const [evidence, confidence] of weighed) {
    const category = evidence && categoryOf(evidence.line);
    if (category) return verdict(category, confidence, evidence);
  }
  // What only stands around the telling line may be about something else.
  for (const [evidence, confidence] of weighed) {
    const category = evidence && categoryOf(evidence.text);
    if (category) return verdict(category, lower(confidence), evidence);
  }
  // Of an HTTP task it is the status of the answer.
  const byStatus = task.externalStatus === null ? undefined : categoryOf(task.externalStatus);
  return verdict(byStatus ?? 'UNKNOWN', 'low', excerpt ?? external ?? said);

  function verdict(category: Category, confidence: Confidence, evidence: Evidence | undefined): Verdict {
    return { category, confidence, retryable: categories[category].retryable, evidence, taskRunId: task.id };
  }
}

/** The verdict on a run of which no task failed. */
export function verdictOnRun(run: PipelineRun): Verdict {
  const evidence = message('run_message', runEndpoint, run.message);
  const said = categoryOf(run.message ?? '');
  const retryable = said ? categories[said].retryable : 'unknown';
  switch (run.runStatus) {
    case 'FAILED':
    case 'WARNING':
      return { category: said ?? 'UNKNOWN', confidence: said ? 'medium' : 'low', retryable, evidence };
    case 'CANCELLED':
    case 'CANCELLING':
      return { category: 'CANCELLED', confidence: 'high', retryable: 'unknown', evidence };
    case 'SKIPPED':
      return { category: 'SKIPPED', confidence: 'high', retryable, evidence };
    case 'SUCCEEDED':
    case 'CREATED':
    case 'QUEUED':
    case 'RUNNING':
      return { category: 'NOT_FAILED', confidence: 'high', retryable: 'no', evidence: undefined };
    default:
      // A status that is not known yet.
      return { category: hasEnded(run) ? 'UNKNOWN' : 'NOT_FAILED', confidence: 'low', retryable: 'unknown', evidence };
  }
}

/**
 * The verdict on a run by its roots: that on the first one which can be explained, and retryable only if all of them are. `certain`: it is
 * known which tasks are roots.
 */
export function verdictOnRoots([first, ...others]: readonly [Verdict, ...Verdict[]], certain: boolean): Verdict {
  const all = [first, ...others];
  const explained = all.find(({ category }) => category !== 'UNKNOWN') ?? first;
  const answers = all.map(({ retryable }) => retryable);
  const retryable = answers.includes('no') ? 'no' : answers.includes('unknown') ? 'unknown' : 'yes';
  const sure = certain && explained === first;
  return { ...explained, retryable, confidence: sure ? explained.confidence : lower(explained.confidence) };
}

function lower(confidence: Confidence): Confidence {
  return confidence === 'high' ? 'medium' : 'low';
}

function message(from: Evidence['from'], endpoint: string, said: string | null): Evidence | undefined {
  if (!said) return undefined;
  const text = withoutSecrets(said);
  return { from, endpoint, text, line: tellingLine(text), cut: false };
}
