import { uuidOf } from '../../../examples/orchestra-simulator/ids.ts';
import { type PipelineRun, pipelineRun, type TaskRun, taskRun } from '../../src/capabilities/orchestra/api/schemas.ts';

/** A task run as the API answers it, with what a test minds; its id follows from its task. */
export function taskOf(taskId: string, more: Record<string, unknown> = {}): TaskRun {
  return taskRun.parse({ id: uuidOf(taskId), taskId, taskName: taskId, status: 'SUCCEEDED', dependsOn: [], ...more });
}

/** A run as the API answers it. */
export function runOf(more: Record<string, unknown> = {}): PipelineRun {
  return pipelineRun.parse({ id: uuidOf('run'), pipelineId: uuidOf('pipeline'), runStatus: 'FAILED', ...more });
}
