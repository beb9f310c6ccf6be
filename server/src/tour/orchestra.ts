import { spawn } from 'node:child_process';
import type { Socket } from 'node:net';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const extension = path.extname(import.meta.filename);

/** The simulated Orchestra: compiled beside this, or in the checkout. */
const command = fileURLToPath(
  new URL(
    extension === '.ts' ? '../../../examples/orchestra-simulator/main.ts' : '../examples/orchestra-simulator/main.js',
    import.meta.url,
  ),
);

/** Its time passes so much faster that a run of nine minutes takes five seconds. */
const speed = 120;
const patienceMs = 30_000;

export interface SimulatedOrchestra {
  /** Base URL of its API. */
  readonly url: string;
  readonly key: string;
  stop(): void;
}

/** Starts the simulated Orchestra as a process of its own, which is reached over HTTP alone. */
export async function startOrchestra(): Promise<SimulatedOrchestra> {
  const child = spawn(process.execPath, [command, '--port', '0', '--speed', String(speed)], {
    stdio: ['ignore', 'pipe', 'ignore'],
    env: {},
  });
  const listening = Promise.withResolvers<string>();
  let said = '';
  child.stdout.on('data', (chunk: Buffer) => {
    said += chunk.toString();
    if (/API_KEY=\S+\n/.test(said)) listening.resolve(said);
  });
  const fail = () => listening.reject(new Error('the simulated Orchestra\nexpected it to listen\ngot its end'));
  child.once('error', fail).once('exit', fail);
  const timer = setTimeout(fail, patienceMs);
  try {
    const text = await listening.promise;
    // Nothing waits for it: whoever forgets to stop it still ends.
    child.unref();
    if ('unref' in child.stdout) (child.stdout as Socket).unref();
    const value = (name: string) => new RegExp(`${name}=(\\S+)`).exec(text)?.[1] ?? '';
    return {
      url: value('ORCHESTRA_API_BASE_URL'),
      key: value('ORCHESTRA_API_KEY'),
      stop: () => void child.kill('SIGTERM'),
    };
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

/** The settings of a server that asks it, with its key in a file, and that may cancel and retry. */
export function orchestraSettings({ url }: SimulatedOrchestra, keyFile: string): string {
  return `
orchestra:
  api_key: ${JSON.stringify(`file:${keyFile}`)}
  api_base_url: ${JSON.stringify(url)}
  allow_writes: true
egress:
  allow: [127.0.0.1] # the simulator
`;
}
