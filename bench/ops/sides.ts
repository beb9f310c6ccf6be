import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { startServer } from '../start/server.ts';
import { makeDataDir } from '../support/data-dir.ts';

const run = promisify(execFile);

/** One way to run a command in a fresh container. */
export interface Side {
  readonly label: string;
  /** Runs it to its end and throws unless it printed what it should. */
  run(command: string, prints?: string): Promise<void>;
  stop(): Promise<void>;
}

/** The engine of the tests, else the platform's. */
const host = process.env.TEST_DOCKER_HOST ?? 'unix:///var/run/docker.sock';
/** Made by `.ci/docker`. */
const image = 'tutti-test/busybox';

/** Docker's own command line, with its usual network or none. */
export function dockerCli(label: string, ...flags: readonly string[]): Side {
  return {
    label,
    async run(command, prints) {
      const args = ['-H', host, 'run', '--rm', ...flags, image, 'sh', '-c', command];
      const { stdout } = await run('docker', args, { maxBuffer: 2 ** 30 });
      if (prints !== undefined && stdout !== prints) throw new Error(`docker run printed ${stdout.slice(0, 200)}`);
    },
    stop: async () => undefined,
  };
}

/** The whole server in a process of its own; each job is one `orcaops_run_job` over MCP. */
export async function tuttiServer(label: string, poolSize: number): Promise<Side> {
  const dir = await makeDataDir();
  const flags = ['--ops-docker-host', host, '--ops-pool-size', String(poolSize)];
  const server = await startServer(dir.path, [...flags, '--limits-calls-per-minute', '1000000']);
  const token = (await readFile(path.join(dir.path, 'admin.token'), 'utf8')).trim();
  return {
    label,
    async run(command, prints) {
      const response = await fetch(`http://127.0.0.1:${server.port}/mcp/ops`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${token}`,
          'content-type': 'application/json',
          accept: 'application/json, text/event-stream',
          'mcp-protocol-version': '2025-11-25',
        },
        body: JSON.stringify({
          jsonrpc: '2.0',
          id: 1,
          method: 'tools/call',
          params: { name: 'orcaops_run_job', arguments: { image, commands: [command], wait_s: 40 } },
        }),
      });
      const text = await response.text();
      const json = text.startsWith('{') ? text : (/^data: (\{.*)$/m.exec(text)?.[1] ?? '');
      const answer = JSON.parse(json).result?.structuredContent;
      const wrong = prints !== undefined && answer?.steps?.[0]?.stdout !== prints;
      if (answer?.status !== 'success' || wrong) throw new Error(`not the answer of a job: ${text.slice(0, 500)}`);
    },
    async stop() {
      await server.stop();
      await dir.remove();
    },
  };
}
