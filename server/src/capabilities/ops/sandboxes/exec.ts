import { randomBytes } from 'node:crypto';
import type { Duplex } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Engine } from '../docker/client.ts';
import { demux } from '../docker/demux.ts';
import { engineCall } from '../docker/failure.ts';
import { type CapturedOutput, createCappedOutput, type OutputCaps } from '../runner/capped-output.ts';
import type { RedactorFactory } from '../runner/redact.ts';

export interface ExecRequest {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly workingDir?: string | undefined;
  readonly user?: string | undefined;
  readonly caps: OutputCaps;
  readonly redactors: RedactorFactory;
  /** The time is over, or the caller is gone: what was started is killed. */
  readonly stop: AbortSignal;
}

export interface ExecResult {
  /** Null when it was stopped. */
  readonly exit_code: number | null;
  readonly stdout: CapturedOutput;
  readonly stderr: CapturedOutput;
  readonly stopped: boolean;
  /** Whether nothing of it runs any more; false where the container has no shell to kill it with. */
  readonly killed: boolean;
}

const mark = 'TUTTI_EXEC';
const endMs = 5000;

/** Runs a command in a container to its end, or until it is stopped: then all that it began is killed. */
export async function execIn(engine: Engine, id: string, request: ExecRequest): Promise<ExecResult> {
  const { stop, redactors, caps } = request;
  const token = randomBytes(12).toString('hex');
  const exec = await engineCall(engine, () =>
    engine.docker.getContainer(id).exec({
      Cmd: [...request.argv],
      Env: [...Object.entries(request.env).map(([name, value]) => `${name}=${value}`), `${mark}=${token}`],
      AttachStdout: true,
      AttachStderr: true,
      ...(request.workingDir !== undefined && { WorkingDir: request.workingDir }),
      ...(request.user !== undefined && { User: request.user }),
    }),
  );
  const socket = (await engineCall(engine, () => exec.start({ hijack: true, stdin: false }))) as Duplex;
  const outputs = { stdout: createCappedOutput(caps), stderr: createCappedOutput(caps) };
  const cleaners = { stdout: redactors(), stderr: redactors() };
  socket.on('error', () => undefined);
  const leave = () => void socket.destroy();
  stop.addEventListener('abort', leave, { once: true });
  if (stop.aborted) leave();
  try {
    for await (const { stream, data } of demux(socket as AsyncIterable<Buffer>))
      outputs[stream].push(cleaners[stream].push(data));
  } catch (error) {
    if (!stop.aborted) throw error;
  } finally {
    stop.removeEventListener('abort', leave);
    socket.destroy();
  }
  for (const stream of ['stdout', 'stderr'] as const) outputs[stream].push(cleaners[stream].flush());
  const output = { stdout: outputs.stdout.read(), stderr: outputs.stderr.read() };
  const state = () => engineCall(engine, () => exec.inspect());
  if (!stop.aborted) return { exit_code: (await state()).ExitCode, ...output, stopped: false, killed: false };
  await killMarked(engine, id, token, request.user);
  for (const until = Date.now() + endMs; (await state()).Running && Date.now() < until; ) await sleep(20);
  return { exit_code: null, ...output, stopped: true, killed: !(await state()).Running };
}

/**
 * Kills every process that bears the mark in its environment, as children do, whatever session they are in; three times, for one
 * may be born meanwhile. By the shell's own means alone: there may be no grep. Ending the connection would kill nothing.
 */
async function killMarked(engine: Engine, id: string, token: string, user: string | undefined): Promise<void> {
  const script = `for round in 1 2 3; do for p in /proc/[0-9]*; do
    { IFS= read -r env < $p/environ || [ -n "$env" ]; } 2>/dev/null || continue
    case $env in *${mark}=${token}*) kill -9 \${p#/proc/} 2>/dev/null ;; esac; env=
  done; done`;
  const exec = await engineCall(engine, () =>
    engine.docker.getContainer(id).exec({
      Cmd: ['/bin/sh', '-c', script],
      AttachStdout: true,
      AttachStderr: true,
      ...(user !== undefined && { User: user }),
    }),
  );
  const socket = (await engineCall(engine, () => exec.start({ hijack: true, stdin: false }))) as Duplex;
  socket.on('error', () => undefined);
  const late = setTimeout(() => socket.destroy(), endMs);
  try {
    for await (const _ of socket);
  } catch {
    // It was destroyed.
  } finally {
    clearTimeout(late);
  }
}
