import { expect } from 'vitest';
import { stringify } from 'yaml';
import { startTestServer, type TestServer } from './server.ts';

// biome-ignore lint/suspicious/noExplicitAny: answers are checked by the tests themselves
type Body = any;

export interface WorkflowServer extends Omit<TestServer, 'put'> {
  /** Calls a tool, which must succeed. */
  ok(name: string, input?: unknown, token?: string): Promise<Body>;
  /** Calls a tool, which must fail; answers its error, with the HTTP status. */
  fails(name: string, input?: unknown, token?: string): Promise<Body>;
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
  const ok = async (name: string, input: unknown = {}, token?: string): Promise<Body> => {
    const { status, body } = await server.call(name, input, token);
    expect({ name, status, refused: status !== 200 && body }).toEqual({ name, status: 200, refused: false });
    return body;
  };
  return {
    ...server,
    ok,
    async fails(name, input = {}, token) {
      const { status, body } = await server.call(name, input, token);
      expect(body).toMatchObject({ success: false });
      return { status, ...body.error };
    },
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
