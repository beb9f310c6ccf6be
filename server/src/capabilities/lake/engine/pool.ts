import { AppError } from '../../../core/errors.ts';
import type { Logger } from '../../../core/log.ts';
import { type EngineProcess, startEngineProcess } from './engine-process.ts';
import type { EngineOps, OnProgress } from './protocol.ts';
import { rssMb } from './rss.ts';

const SAMPLE_MS = 100;
/** The part of the memory limit above which a child is not used again. */
const KEEP_BELOW = 0.6;

export interface EnginePoolSettings {
  readonly size: number;
  readonly memoryMb: number;
  readonly timeoutMs: number;
  readonly idleMs: number;
  readonly log: Logger;
}

export interface EngineCallOptions {
  readonly signal?: AbortSignal;
  readonly timeoutMs?: number;
  readonly onProgress?: OnProgress;
}

export interface EnginePool {
  /** Runs one op in a child. Time counts from when it starts to run, not while it waits for a free child. */
  run<Op extends keyof EngineOps>(
    op: Op,
    input: EngineOps[Op]['input'],
    options?: EngineCallOptions,
  ): Promise<EngineOps[Op]['output']>;
  /** Ends all children and fails what runs or waits. */
  close(): Promise<void>;
  pids(): number[];
  /** Children that were started, and those of them that were killed for what they did. */
  counts(): { readonly started: number; readonly killed: number };
}

interface Call {
  readonly op: keyof EngineOps;
  readonly input: EngineOps[keyof EngineOps]['input'];
  readonly options: EngineCallOptions;
  /** Takes the call out of the queue. */
  readonly leave: () => void;
  readonly resolve: (output: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * A pool of child processes that hold the native engines. One call has one child; children start on demand, end when
 * idle, and are killed with the call that overruns its memory or time or is aborted, so that nothing else is touched.
 */
export function createEnginePool(settings: EnginePoolSettings): EnginePool {
  const { size, memoryMb, log } = settings;
  const all = new Set<EngineProcess>();
  const busy = new Set<EngineProcess>();
  /** The last one used is the first one taken, so that it stays warm and the others can go. */
  const idle: { readonly engine: EngineProcess; readonly timer: NodeJS.Timeout }[] = [];
  const waiting: Call[] = [];
  const dying = new Set<Promise<void>>();
  let sampler: NodeJS.Timeout | undefined;
  const counts = { started: 0, killed: 0 };
  let lastId = 0;
  let closed = false;

  function pump(): void {
    while (waiting.length > 0) {
      const engine = takeIdle() ?? (all.size < size ? start() : undefined);
      if (!engine) return;
      const call = waiting.shift() as Call;
      call.options.signal?.removeEventListener('abort', call.leave);
      void serve(engine, call).finally(pump);
    }
  }

  function start(): EngineProcess {
    const engine = startEngineProcess(memoryMb, log, (gone) => {
      forget(gone);
      pump();
    });
    all.add(engine);
    counts.started += 1;
    const gone = engine.exited.finally(() => dying.delete(gone));
    dying.add(gone);
    return engine;
  }

  function forget(engine: EngineProcess): void {
    all.delete(engine);
    const at = idle.findIndex((entry) => entry.engine === engine);
    if (at >= 0) clearTimeout(idle.splice(at, 1)[0]?.timer);
  }

  function end(engine: EngineProcess, reason?: AppError): void {
    forget(engine);
    if (reason && !closed) counts.killed += 1;
    engine.kill(reason);
  }

  function takeIdle(): EngineProcess | undefined {
    const entry = idle.pop();
    clearTimeout(entry?.timer);
    return entry?.engine;
  }

  async function serve(engine: EngineProcess, { op, input, options, resolve, reject }: Call): Promise<void> {
    const limit = options.timeoutMs ?? settings.timeoutMs;
    const timer = setTimeout(() => {
      log.warn({ op, pid: engine.pid, limit }, 'an engine call took too long');
      end(engine, overrun('time_ms', limit));
    }, limit);
    const onAbort = () => end(engine, canceled());
    options.signal?.addEventListener('abort', onAbort, { once: true });
    busy.add(engine);
    watch();
    const outcome = await engine
      .run({ id: ++lastId, op, input, memoryMb }, options.onProgress)
      .then((output) => ({ output }))
      .catch((error: unknown) => ({ error }));
    clearTimeout(timer);
    options.signal?.removeEventListener('abort', onAbort);
    busy.delete(engine);
    // The child goes back first, so that a caller who asks again at once gets the same, warm one.
    if (all.has(engine)) await rest(engine);
    if ('error' in outcome) reject(outcome.error);
    else resolve(outcome.output);
  }

  /** Keeps a child for the next call, unless the last one left it so large that the next would start half way up. */
  async function rest(engine: EngineProcess): Promise<void> {
    const rss = await rssMb(engine.pid);
    if (!all.has(engine)) return;
    if (closed || rss === undefined || rss > memoryMb * KEEP_BELOW) return end(engine);
    idle.push({ engine, timer: setTimeout(() => end(engine), settings.idleMs) });
  }

  function watch(): void {
    sampler ??= setInterval(() => {
      for (const engine of busy) void checkMemory(engine);
      if (busy.size > 0) return;
      clearInterval(sampler);
      sampler = undefined;
    }, SAMPLE_MS);
  }

  async function checkMemory(engine: EngineProcess): Promise<void> {
    const rss = await rssMb(engine.pid);
    if (rss === undefined || rss <= memoryMb || !busy.has(engine)) return;
    log.warn({ pid: engine.pid, rss: Math.round(rss), memoryMb }, 'an engine call took too much memory');
    end(engine, overrun('memory_mb', memoryMb));
  }

  return {
    run: (op, input, options = {}) =>
      new Promise((resolve, reject) => {
        if (closed) return reject(stopping());
        if (options.signal?.aborted) return reject(canceled());
        const leave = () => {
          const at = waiting.indexOf(call);
          if (at < 0) return;
          waiting.splice(at, 1);
          reject(canceled());
        };
        const call: Call = { op, input, options, leave, resolve: resolve as (output: unknown) => void, reject };
        options.signal?.addEventListener('abort', leave, { once: true });
        waiting.push(call);
        pump();
      }),
    async close() {
      closed = true;
      for (const call of waiting.splice(0)) call.reject(stopping());
      for (const engine of [...all]) end(engine, stopping());
      clearInterval(sampler);
      await Promise.all(dying);
    },
    pids: () => [...all].map(({ pid }) => pid),
    counts: () => ({ ...counts }),
  };
}

function overrun(limit: 'memory_mb' | 'time_ms', value: number): AppError {
  return new AppError(
    'ENGINE_OVERRUN',
    limit === 'memory_mb' ? 'The call needed more memory than it may have.' : 'The call took longer than it may.',
    'Split the data into smaller objects, or ask the operator for a higher limit.',
    { limit, value },
  );
}

function canceled(): AppError {
  return new AppError('CANCELED', 'The call was canceled.', 'Call again if the result is still wanted.');
}

function stopping(): AppError {
  return new AppError('UNAVAILABLE', 'The server is stopping.', 'Try again when it is back.');
}
