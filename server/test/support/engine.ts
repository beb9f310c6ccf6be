import { type ChildProcess, fork } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { noAuthority } from '../../src/core/auth/authority.ts';
import type { Db } from '../../src/core/db/database.ts';
import type { EnqueueRequest } from '../../src/core/jobs/engine.ts';
import { findJob, type JobRow } from '../../src/core/jobs/store.ts';
import { createTestDatabase } from './database.ts';
import type { EngineProcessSettings, EnqueueOptions, ToEngineProcess } from './engine-process.ts';

export interface EngineProcess {
  readonly pid: number;
  enqueue(request: Partial<EnqueueRequest> & { kind: string }, how?: EnqueueOptions): Promise<string>;
  rewind(jobId: string, step: number): Promise<void>;
  hurry(queue: string): Promise<void>;
  resize(queue: string, concurrency: number): Promise<void>;
  signal(name: NodeJS.Signals): void;
  /** SIGKILL, and waits until it is gone. */
  kill(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts a process with an engine of its own on this database. */
export async function startEngine(settings: EngineProcessSettings): Promise<EngineProcess> {
  const child = fork(path.join(import.meta.dirname, 'engine-process.ts'), [JSON.stringify(settings)], {
    execArgv: [],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const waiting = new Map<number, (message: { value?: unknown; error?: string }) => void>();
  let count = 0;
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  await new Promise<void>((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`the engine process ended with ${code}`)));
    child.on('message', (message: { ready?: boolean; n?: number; value?: unknown; error?: string }) => {
      if (message.ready) resolve();
      else if (message.n !== undefined) waiting.get(message.n)?.(message);
    });
  });
  const ask = (message: ToEngineProcess): Promise<unknown> => {
    count += 1;
    const n = count;
    return new Promise((resolve, reject) => {
      waiting.set(n, ({ value, error }) => (error === undefined ? resolve(value) : reject(new Error(error))));
      void gone.then(() => reject(new Error('the engine process is gone')));
      child.send({ ...message, n });
    });
  };
  return {
    pid: child.pid ?? 0,
    enqueue: async (request, how = {}) =>
      String(await ask({ ask: 'enqueue', request: { authority: noAuthority, input: {}, ...request }, ...how })),
    rewind: async (jobId, step) => void (await ask({ ask: 'rewind', jobId, step })),
    resize: async (queue, concurrency) => void (await ask({ ask: 'resize', queue, concurrency })),
    hurry: async (queue) => void (await ask({ ask: 'hurry', queue })),
    signal: (name) => void child.kill(name),
    kill: () => end(child, gone),
    async stop() {
      if (child.exitCode === null && child.signalCode === null) await ask({ ask: 'stop' });
      await gone;
    },
  };
}

async function end(child: ChildProcess, gone: Promise<void>): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
  await gone;
}

/** Where handlers write down what they did, and the files that let them go on. */
export function createStage() {
  const directory = mkdtempSync(path.join(tmpdir(), 'tutti-jobs-'));
  const file = path.join(directory, 'trace');
  const lines = () => (existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : []);
  return {
    directory,
    lines,
    release: (name: string) => writeFileSync(path.join(directory, name), ''),
    /** Waits until some line matches. */
    async seen(pattern: RegExp, count = 1): Promise<void> {
      while (lines().filter((line) => pattern.test(line)).length < count) await sleep(10);
    },
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
}

export interface EngineBench {
  readonly db: Db;
  readonly stage: ReturnType<typeof createStage>;
  /** Starts an engine process, which ends with the bench. */
  engine(options?: Partial<EngineProcessSettings>): Promise<EngineProcess>;
  close(): Promise<void>;
}

/** A database, a stage, and as many engine processes as a test starts. */
export async function createEngineBench(): Promise<EngineBench> {
  const database = await createTestDatabase();
  const stage = createStage();
  const started: EngineProcess[] = [];
  return {
    db: database.db,
    stage,
    async engine(options = {}) {
      const made = await startEngine({
        databaseUrl: database.url,
        directory: stage.directory,
        deadAfterMs: 3000,
        ...options,
      });
      started.push(made);
      return made;
    },
    async close() {
      await Promise.all(started.map((engine) => engine.kill()));
      await database.close();
      stage.remove();
    },
  };
}

/** Waits until the job has ended. */
export async function jobEnd(db: Db, id: string): Promise<JobRow> {
  for (;;) {
    const row = await findJob(db, id);
    if (row?.finished_at) return row;
    await sleep(20);
  }
}
