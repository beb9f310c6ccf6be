import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { AppError, addErrorCodes, envelope } from '../../../core/errors.ts';
import { createScratch, createTestPool, type Scratch } from './fixtures.ts';
import type { EnginePool, EnginePoolSettings } from './pool.ts';
import { type EngineObject, engineErrors } from './protocol.ts';

let scratch: Scratch;
/** Takes seconds to read through. */
let slow: EngineObject;
/** One line of hundreds of megabytes. */
let huge: EngineObject;
let quick: EngineObject;
let pool: EnginePool;

beforeAll(async () => {
  addErrorCodes(engineErrors);
  scratch = await createScratch();
  quick = await scratch.put('quick.csv', 'a,b\n1,x\n2,y\n');
  slow = await scratch.put('slow.csv.gz', gzipSync(Buffer.alloc(200 << 20, '1,2\n'), { level: 1 }));
  huge = await scratch.put('huge.jsonl.gz', gzipSync(Buffer.alloc(450 << 20, '1'), { level: 1 }));
});
afterAll(() => scratch.remove());
afterEach(() => pool.close());

const start = (settings: Partial<EnginePoolSettings> = {}) => {
  pool = createTestPool(settings);
  return pool;
};
const checkQuick = () => pool.run('check', { objects: [quick] });
const errorOf = async (call: Promise<unknown>): Promise<AppError> => {
  const error = await call.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(AppError);
  return error as AppError;
};
const gone = (pid: number) => !existsSync(`/proc/${pid}`) || readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ');
const waitFor = async (condition: () => boolean) => {
  for (let n = 0; n < 300 && !condition(); n++) await sleep(50);
  expect(condition()).toBe(true);
};

test('calls share few children, wait their turn and reuse the warm one', async () => {
  start({ size: 2 });
  await checkQuick();
  const [first] = pool.pids();
  await checkQuick();
  expect(pool.pids()).toEqual([first]);
  const results = await Promise.all(Array.from({ length: 6 }, checkQuick));
  expect(results.map(({ objects }) => objects[0]?.rows)).toEqual([2, 2, 2, 2, 2, 2]);
  expect(pool.pids().length).toBe(2);
});

test('a child that is killed fails its own call alone', async () => {
  start({ size: 2 });
  let began = () => {};
  const running = new Promise<void>((resolve) => {
    began = resolve;
  });
  const doomed = errorOf(pool.run('check', { objects: [slow] }, { onProgress: () => began() }));
  await running;
  const [pid] = pool.pids();
  const beside = checkQuick();
  process.kill(pid as number, 'SIGKILL');
  expect(envelope(await doomed).error).toMatchObject({ code: 'ENGINE_DIED', retryable: true });
  expect((await beside).objects[0]?.rows).toBe(2);
  expect((await checkQuick()).objects[0]?.rows).toBe(2);
  expect(pool.pids()).not.toContain(pid);
});

test('a call that takes too much memory is killed, and the next one works', async () => {
  start({ size: 1, memoryMb: 256 });
  const error = await errorOf(pool.run('check', { objects: [huge] }));
  expect(error).toMatchObject({ code: 'ENGINE_OVERRUN', details: { limit: 'memory_mb', value: 256 } });
  expect((await checkQuick()).objects[0]?.rows).toBe(2);
});

test('a call that takes too long is killed, and the waiting one runs', async () => {
  start({ size: 1 });
  const late = errorOf(pool.run('check', { objects: [slow] }, { timeoutMs: 600 }));
  const next = checkQuick();
  expect(await late).toMatchObject({ code: 'ENGINE_OVERRUN', details: { limit: 'time_ms', value: 600 } });
  expect((await next).objects[0]?.rows).toBe(2);
});

test('an aborted call is killed when it runs and leaves the queue when it waits', async () => {
  start({ size: 1 });
  const runs = new AbortController();
  const waits = new AbortController();
  const first = errorOf(
    pool.run('check', { objects: [slow] }, { signal: runs.signal, onProgress: () => runs.abort() }),
  );
  const [pid] = pool.pids();
  const second = errorOf(pool.run('check', { objects: [slow] }, { signal: waits.signal }));
  waits.abort();
  expect((await second).code).toBe('CANCELED');
  expect((await first).code).toBe('CANCELED');
  await waitFor(() => gone(pid as number));
  expect((await errorOf(pool.run('check', { objects: [quick] }, { signal: runs.signal }))).code).toBe('CANCELED');
  expect((await checkQuick()).objects[0]?.rows).toBe(2);
});

test.runIf(process.platform === 'linux')(
  'a child inherits no environment and gives way to everything else',
  async () => {
    process.env.TUTTI_TEST_SECRET = 'hidden';
    start({ size: 1 });
    await checkQuick();
    delete process.env.TUTTI_TEST_SECRET;
    const [pid] = pool.pids();
    const names = readFileSync(`/proc/${pid}/environ`, 'utf8')
      .split('\0')
      .filter(Boolean)
      .map((e) => e.split('=')[0]);
    expect(names.sort()).toEqual([
      'LANCE_CPU_THREADS',
      'LANCE_FTS_PARTITION_SIZE',
      'LANCE_IO_THREADS',
      'LANG',
      'MALLOC_ARENA_MAX',
      'NODE_CHANNEL_FD',
      'NODE_CHANNEL_SERIALIZATION_MODE',
      'TZ',
    ]);
    expect(readFileSync(`/proc/${pid}/oom_score_adj`, 'utf8').trim()).toBe('1000');
  },
);

test('idle children go away', async () => {
  start({ size: 2, idleMs: 100 });
  await Promise.all([checkQuick(), checkQuick()]);
  const pids = pool.pids();
  await waitFor(() => pool.pids().length === 0 && pids.every(gone));
  expect((await checkQuick()).objects[0]?.rows).toBe(2);
});

test('closing ends the children and fails what runs', async () => {
  start({ size: 1 });
  const running = errorOf(pool.run('check', { objects: [slow] }));
  const waiting = errorOf(checkQuick());
  const pids = pool.pids();
  await pool.close();
  expect([(await running).code, (await waiting).code]).toEqual(['UNAVAILABLE', 'UNAVAILABLE']);
  expect(pids.every(gone)).toBe(true);
  expect((await errorOf(checkQuick())).code).toBe('UNAVAILABLE');
});

test('children end when their parent is killed, even in the middle of a call', async () => {
  start();
  const url = (file: string) => JSON.stringify(new URL(file, import.meta.url).href);
  const script = `
    const { createTestPool } = await import(${url('./fixtures.ts')});
    const pool = createTestPool();
    const input = { objects: [${JSON.stringify(slow)}] };
    pool.run('check', input, { onProgress: () => console.log(pool.pids().join(' ')) }).catch(() => {});`;
  const parent = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const [line] = (await once(parent.stdout, 'data')) as [Buffer];
  const pids = String(line).split('\n')[0]?.split(' ').map(Number) ?? [];
  expect(pids.length).toBe(1);
  parent.kill('SIGKILL');
  await waitFor(() => pids.every(gone));
});

test('what an engine says travels as foreign text, without the paths of the machine', async () => {
  start();
  const broken = await scratch.put('broken.parquet', 'PAR1 this is no parquet PAR1');
  const error = await errorOf(pool.run('check', { objects: [broken] }));
  expect(envelope(error).error).toMatchObject({
    code: 'ENGINE_FAILED',
    retryable: false,
    details: { engine: { untrusted: true, source: 'duckdb' } },
  });
  expect(JSON.stringify(envelope(error))).not.toContain(scratch.dir);
  const missing = await errorOf(pool.run('check', { objects: [{ ...quick, path: `${quick.path}-gone` }] }));
  expect(missing.code).toBe('ENGINE_FAILED');
  expect(JSON.stringify(envelope(missing))).not.toContain(scratch.dir);
  const zip = await scratch.put(
    'broken.csv.gz',
    Buffer.concat([gzipSync('a,b\n1,2\n').subarray(0, 12), Buffer.from('??????')]),
  );
  expect((await errorOf(pool.run('check', { objects: [zip] }))).code).toBe('ENGINE_FAILED');
});

test('the process that uses the pool loads no native engine', async () => {
  start();
  const script = `
    await import(${JSON.stringify(new URL('./pool.ts', import.meta.url).href)});
    const libraries = process.report.getReport().sharedObjects.filter((name) => /duckdb|lance/.test(name));
    console.log(JSON.stringify(libraries));`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script]);
  expect(JSON.parse(stdout)).toEqual([]);
});
