import type { Cause } from '../../../core/events/cause.ts';
import type { RunRow } from './run.ts';

const maxDepth = 5;
const viaOf = (workflow: string) => `workflow:${workflow}`;

/** The cause of what a run does by itself, such as a call of one of our own tools. */
export function causeOfRun({ id, workflow, cause }: Pick<RunRow, 'id' | 'workflow' | 'cause'>): Cause {
  const { depth = 0, via = [] } = cause ?? {};
  return { event_id: id, depth: depth + 1, via: via.includes(viaOf(workflow)) ? via : [...via, viaOf(workflow)] };
}

/** Whether a start would close a circle: its cause came of this workflow, or the chain is as long as it may be. */
export function isLoop(cause: Cause | undefined, workflow: string): boolean {
  return cause !== undefined && (cause.depth > maxDepth || cause.via.includes(viaOf(workflow)));
}

/** The name under which a workflow's triggers stand in a chain of causes. */
export const triggerName = viaOf;
