import type { PipelineRun, TaskRun } from '../api/schemas.ts';
import type { OrchestraApi } from '../client/orchestra-api.ts';
import { readEvidence, type TaskEvidence } from './evidence.ts';
import type { FailureOrder } from './failure-order.ts';
import type { Reading } from './reading.ts';
import { type Verdict, verdictOnTask } from './verdict.ts';

/** A root with what was read about it. */
export interface RootFacts {
  readonly task: TaskRun;
  readonly evidence: TaskEvidence;
  readonly verdict: Verdict;
}

/** Of so many roots the evidence is read. */
const maxRoots = 3;

/** What a task counts as that went wrong: in a run that ended with warnings, those. */
export function hasFailedIn({ runStatus }: PipelineRun): (task: TaskRun) => boolean {
  return ({ status }) => status === 'FAILED' || (runStatus === 'WARNING' && status === 'WARNING');
}

/** Reads the evidence of the first roots. */
export async function readRoots(
  api: OrchestraApi,
  reading: Reading,
  run: PipelineRun,
  { failed }: FailureOrder,
): Promise<RootFacts[]> {
  const roots = failed.filter(({ root }) => root).map(({ task }) => task);
  if (roots.length > maxRoots) {
    const why = `${roots.length} tasks failed by themselves; logs and operations were read of the first ${maxRoots}.`;
    reading.note({ what: 'Evidence of all roots', why });
  }
  return Promise.all(
    roots.slice(0, maxRoots).map(async (task) => {
      const evidence = await readEvidence(api, reading, run, task);
      return { task, evidence, verdict: verdictOnTask(task, evidence.excerpt) };
    }),
  );
}
