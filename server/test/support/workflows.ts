import { expect } from 'vitest';
import { stringify } from 'yaml';
import { type Body, type CheckedCalls, checkedCalls } from './checked-calls.ts';
import { startTestServer, type TestServer } from './server.ts';

export interface WorkflowServer extends Omit<TestServer, 'put'>, CheckedCalls {
  /** Puts a workflow of these states, the first of which begins. */
  put(name: string, states: object, more?: object, token?: string): Promise<Body>;
  /** Runs a workflow to its end, or to an approval. */
  run(workflow: string, input?: object, token?: string): Promise<Body>;
  /** Waits until a run has ended. */
  ended(runId: string, token?: string): Promise<Body>;
  /** The runs of a workflow, newest first, once there are so many. */
  runs(workflow: string, count: number): Promise<Body[]>;
}

/** The document of a workflow of these states. */
export function workflowDocument(name: string, states: object, more: object = {}): string {
  const definition = { QueryLanguage: 'JSONata', StartAt: Object.keys(states)[0], States: states };
  return stringify({ name, ...more, definition });
}

/** The whole server, for tests of workflows. */
export async function startWorkflowServer(flags: readonly string[] = []): Promise<WorkflowServer> {
  const server = await startTestServer(flags);
  const calls = checkedCalls(server);
  const { ok } = calls;
  return {
    ...server,
    ...calls,
    put: (name, states, more = {}, token) =>
      ok('put_workflow', { definition: workflowDocument(name, states, more) }, token),
    run: (workflow, input = {}, token) => ok('run_pipeline', { workflow, input, wait_s: 40 }, token),
    async ended(run_id, token) {
      const run = await ok('get_workflow_run', { run_id, wait_s: 40 }, token);
      expect(run).toMatchObject({ run_id, ended_at: expect.any(String) });
      return run;
    },
    async runs(workflow, count) {
      let items: Body[] = [];
      const look = async () => {
        items = (await ok('list_workflow_runs', { workflow })).items;
        return items.length;
      };
      await expect.poll(look, { timeout: 30_000, interval: 50 }).toBe(count);
      return items;
    },
  };
}
