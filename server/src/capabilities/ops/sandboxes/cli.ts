import { spawn } from 'node:child_process';
import { homedir } from 'node:os';
import path from 'node:path';
import { readVariable } from '../../../core/settings.ts';
import { type CapturedOutput, createCappedOutput } from '../runner/capped-output.ts';
import type { RedactorFactory } from '../runner/redact.ts';
import { writeInto } from './directory.ts';
import { noComposeCommand } from './errors.ts';

/** The compose that is installed. */
export interface ComposeCommand {
  readonly command: readonly [string, ...string[]];
  readonly version: string;
}

export interface ComposeRun {
  /** Undefined when it was killed. */
  readonly code: number | undefined;
  readonly stdout: CapturedOutput;
  readonly stderr: CapturedOutput;
}

export interface ComposeCall {
  readonly compose: ComposeCommand;
  /** Of the engine. */
  readonly host: string;
  readonly directory: string;
  /** In that directory. */
  readonly file: string;
  readonly project: string;
  readonly args: readonly string[];
  readonly redactors: RedactorFactory;
  /** Kills it with all that it started. */
  readonly signal: AbortSignal;
}

const candidates = [['docker', 'compose'], ['docker-compose']] as const;
const detectMs = 20_000;
const caps = { headBytes: 16_384, tailBytes: 16_384 };
/** A resolved document comes whole, or not at all. */
const wholeCaps = { headBytes: 2 ** 20, tailBytes: 0 };

let found: Promise<ComposeCommand | undefined> | undefined;

/** The plugin of Docker where it is there, else the program of its own; looked for until there is one. Undefined without. */
export async function findCompose(): Promise<ComposeCommand | undefined> {
  found ??= detect();
  const compose = await found;
  if (!compose) found = undefined;
  return compose;
}

/** Throws DOCKER_COMPOSE_NOT_FOUND. */
export async function requireCompose(): Promise<ComposeCommand> {
  const compose = await findCompose();
  if (!compose) throw noComposeCommand();
  return compose;
}

async function detect(): Promise<ComposeCommand | undefined> {
  for (const command of candidates) {
    const { code, stdout } = await run([...command, 'version', '--short'], {
      env: { HOME: homedir() },
      signal: AbortSignal.timeout(detectMs),
    });
    const version = /^v?(\d+(?:\.\d+)+)/.exec(stdout.text.trim())?.[1];
    if (code === 0 && version !== undefined) return { command, version };
  }
  return undefined;
}

/** Runs compose on a file of a sandbox; nothing of the environment of this process comes along. */
export async function runCompose(call: ComposeCall): Promise<ComposeRun> {
  const { compose, directory, project, host, file } = call;
  await writeInto(directory, 'config.json', JSON.stringify({ cliPluginsExtraDirs: [pluginsOfUser()] }));
  const place = ['--project-name', project, '--project-directory', directory, '--file', path.join(directory, file)];
  return run([...compose.command, '--ansi', 'never', ...place, ...call.args], {
    env: { DOCKER_HOST: host, DOCKER_CONFIG: directory, HOME: directory },
    cwd: directory,
    signal: call.signal,
    redactors: call.redactors,
    whole: call.args[0] === 'config',
  });
}

/** Docker is given a configuration of its own, and so would not look where the user has plugins, as Docker Desktop puts them. */
function pluginsOfUser(): string {
  return path.join(homedir(), '.docker', 'cli-plugins');
}

interface RunOptions {
  readonly env: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly signal: AbortSignal;
  readonly redactors?: RedactorFactory;
  readonly whole?: boolean;
}

function run(
  [program, ...args]: readonly string[],
  { env, cwd, signal, redactors, whole = false }: RunOptions,
): Promise<ComposeRun> {
  const stdout = createCappedOutput(whole ? wholeCaps : caps);
  const stderr = createCappedOutput(caps);
  return new Promise((resolve, reject) => {
    const child = spawn(program ?? '', args, {
      env: { PATH: readVariable('PATH') ?? '/usr/bin:/bin', LANG: 'C.UTF-8', PYTHONUNBUFFERED: '1', ...env },
      ...(cwd !== undefined && { cwd }),
      stdio: ['ignore', 'pipe', 'pipe'],
      // A group of its own, so that all of it can be killed.
      detached: true,
    });
    const kill = () => {
      if (child.pid === undefined) return;
      try {
        process.kill(-child.pid, 'SIGKILL');
      } catch {
        // It has ended.
      }
    };
    const streams = [
      [child.stdout, stdout, whole ? undefined : redactors],
      [child.stderr, stderr, redactors],
    ] as const;
    const ends = streams.map(([stream, output, createRedactor]) => {
      const redactor = createRedactor?.();
      stream.on('data', (chunk: Buffer) => output.push(redactor ? redactor.push(chunk) : chunk));
      return () => redactor && output.push(redactor.flush());
    });
    signal.addEventListener('abort', kill, { once: true });
    if (signal.aborted) kill();
    child.on('error', (error: NodeJS.ErrnoException) => {
      signal.removeEventListener('abort', kill);
      if (error.code === 'ENOENT' || error.code === 'EACCES')
        resolve({ code: 127, stdout: stdout.read(), stderr: stderr.read() });
      else reject(error);
    });
    child.on('close', (code) => {
      signal.removeEventListener('abort', kill);
      for (const end of ends) end();
      resolve({ code: code ?? undefined, stdout: stdout.read(), stderr: stderr.read() });
    });
  });
}
