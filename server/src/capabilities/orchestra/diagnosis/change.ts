import type { PipelineRun } from '../api/schemas.ts';
import { named } from '../present/redact.ts';

/** What differs in the definition between a run and the last that went well; what neither says is unknown. */
export function changeSince(good: PipelineRun, run: PipelineRun) {
  const pairs = {
    commit: [named(good.commit), named(run.commit)],
    branch: [named(good.branch), named(run.branch)],
    version: [good.pipelineVersionNumber ?? undefined, run.pipelineVersionNumber ?? undefined],
  } as const;
  const known = Object.entries(pairs).filter(([, [from, to]]) => from !== undefined && to !== undefined);
  const differing = known.filter(([, [from, to]]) => from !== to);
  return {
    changed: differing.length > 0,
    ...Object.fromEntries(differing.map(([name, [from, to]]) => [name, { from, to }])),
    unknown: Object.keys(pairs).filter((name) => !known.some(([other]) => other === name)),
  };
}
