import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { startServer } from '../start/server.ts';
import type { Child } from '../support/child.ts';
import { makeDataDir } from '../support/data-dir.ts';
import { type Load, lanes, loads } from './load.ts';

/** One way to make the calls of a load. */
export interface Side {
  readonly label: string;
  run(name: keyof typeof loads): Promise<void>;
}

export function peer(label: string, child: Child<null>, command: 'client' | 'dbos'): Side {
  return { label, run: async (name) => void (await child.call(command, loads[name])) };
}

const task = (more: object) => ({ Type: 'Task', Resource: 'mcp://bench/echo', ...more });

/** A definition that makes the calls of one run of a load. */
function definition(name: string, { chain, items }: Load, repeatable: boolean): string {
  const row = Array.from({ length: chain }, (_, n) => [
    `Call${n}`,
    task({ Arguments: { n }, ...(n === chain - 1 ? { End: true } : { Next: `Call${n + 1}` }) }),
  ]);
  const each = {
    Type: 'Map',
    Items: `{% [1..${items}] %}`,
    MaxConcurrency: lanes,
    ItemProcessor: { StartAt: 'Call', States: { Call: task({ Arguments: { n: '{% $states.input %}' }, End: true }) } },
    End: true,
  };
  const states = items > 0 ? { Each: each } : Object.fromEntries(row);
  return JSON.stringify({
    name,
    ...(repeatable && { idempotent: ['bench/echo'] }),
    definition: { QueryLanguage: 'JSONata', StartAt: Object.keys(states)[0], States: states },
  });
}

/** The whole server in a process of its own; `side` makes a side of calls that are repeatable, or are not. */
export async function tuttiServer(url: string) {
  const dir = await makeDataDir();
  const server = await startServer(dir.path, [
    '--workflows-servers',
    JSON.stringify([{ name: 'bench', url, concurrency: 64 }]),
    '--egress-allow',
    '127.0.0.1/32',
    '--limits-calls-per-minute',
    '1000000',
  ]);
  const token = (await readFile(path.join(dir.path, 'admin.token'), 'utf8')).trim();
  async function call(tool: string, input: unknown): Promise<Record<string, unknown>> {
    const response = await fetch(`http://127.0.0.1:${server.port}/tools/${tool}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify(input),
    });
    const body = (await response.json()) as Record<string, unknown>;
    if (response.status !== 200) throw new Error(`${tool}: ${JSON.stringify(body).slice(0, 500)}`);
    return body;
  }
  return {
    async side(label: string, repeatable: boolean): Promise<Side> {
      const workflow = (name: string) => `${name}-${repeatable ? 'repeatable' : 'once'}`;
      for (const [name, load] of Object.entries(loads)) {
        await call('put_workflow', { definition: definition(workflow(name), load, repeatable) });
      }
      return {
        label,
        async run(name) {
          const one = async () => {
            let run = await call('run_pipeline', { workflow: workflow(name), input: {}, wait_s: 40 });
            while (!run.ended_at)
              run = await call('get_workflow_run', { run_id: run.run_id, wait_s: 40, page_size: 1 });
            if (run.status !== 'succeeded')
              throw new Error(`not the end of a run: ${JSON.stringify(run).slice(0, 500)}`);
          };
          await Promise.all(Array.from({ length: Math.max(1, loads[name].runs) }, one));
        },
      };
    },
    async stop() {
      await server.stop();
      await dir.remove();
    },
  };
}
