import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { authorityOf } from '../../src/core/auth/authority.ts';
import { deleteToken, revokeToken } from '../../src/core/auth/store.ts';
import { authenticate, createToken } from '../../src/core/auth/tokens.ts';
import { createEngineBench, type EngineBench, type EngineProcess, jobEnd } from '../support/engine.ts';

let bench: EngineBench;
let engine: EngineProcess;
beforeAll(async () => {
  bench = await createEngineBench();
  engine = await bench.engine();
});
afterAll(() => bench.close());

const mint = (name: string, grants: string[], only?: string[]) =>
  createToken(bench.db, { name, grants, ...(only && { only }), expiresAt: new Date(Date.now() + 3_600_000) });

/** Starts a job with a token that calls `act_read`, `act_write` and `act_destroy`, each when it is let. */
async function start(secret: string) {
  const authority = authorityOf(await authenticate(bench.db, secret));
  const before = bench.stage.lines().length;
  const id = await engine.enqueue({ kind: 'test.act', authority });
  const did = () =>
    bench.stage
      .lines()
      .slice(before)
      .filter((line) => line.includes(' as '));
  return {
    id,
    did,
    async let(act: string, done: RegExp | undefined = undefined) {
      bench.stage.release(`${id} act_${act}`);
      while (done && !did().some((line) => done.test(line))) await new Promise((resolve) => setTimeout(resolve, 10));
    },
    end: () => jobEnd(bench.db, id),
  };
}

const forbidden = (details?: object) => ({
  state: 'failed',
  error: expect.objectContaining({ code: 'FORBIDDEN', ...(details && { details }) }),
});

test('a job does no more than the token that started it, whatever its principal may do', async () => {
  const { secret } = await mint('anna', ['admin'], ['lake:read', 'lake:write']);
  const job = await start(secret);
  for (const act of ['read', 'write', 'destroy']) await job.let(act);
  expect(await job.end()).toMatchObject(forbidden({ required_scope: 'lake:destroy' }));
  expect(job.did()).toEqual(['read as anna', 'write as anna']);
});

test('the job of a token that is not narrowed does what its principal may', async () => {
  const { secret } = await mint('berta', ['admin']);
  const job = await start(secret);
  for (const act of ['read', 'write', 'destroy']) await job.let(act);
  expect(await job.end()).toMatchObject({ state: 'succeeded' });
  expect(job.did()).toEqual(['read as administrator', 'write as administrator', 'destroy as administrator']);
});

test('grants that are taken away meanwhile are gone for the job, and new ones do not reach it', async () => {
  const { secret } = await mint('carl', ['lake:read', 'lake:write']);
  const job = await start(secret);
  await job.let('read', /^read/);
  await mint('carl', ['lake:read', 'lake:destroy']);
  await job.let('write');
  expect(await job.end()).toMatchObject(forbidden({ required_scope: 'lake:write' }));

  await mint('carl', ['lake:read', 'lake:write']);
  const another = await start(secret);
  await another.let('read', /^read/);
  await mint('carl', ['admin']);
  for (const act of ['write', 'destroy']) await another.let(act);
  expect(await another.end()).toMatchObject(forbidden({ required_scope: 'lake:destroy' }));
  expect(another.did()).toEqual(['read as carl', 'write as carl']);
});

test('once its token is revoked, a job may do nothing more', async () => {
  const { id, secret } = await mint('dora', ['writer']);
  const job = await start(secret);
  await job.let('read', /^read/);
  await revokeToken(bench.db, id);
  await job.let('write');
  const { error } = await job.end();
  expect(error).toMatchObject({ code: 'FORBIDDEN', message: 'The token that started this job was revoked.' });
  expect(job.did()).toEqual(['read as dora']);
});

test('a job goes on when its token ran out, or went with its connection', async () => {
  const expired = await mint('emil', ['admin']);
  const ended = await mint('emil', ['admin']);
  const jobs = [await start(expired.secret), await start(ended.secret)];
  await sql`update tokens set expires_at = now() where id = ${expired.id}`.execute(bench.db);
  await deleteToken(bench.db, ended.id);
  for (const job of jobs) {
    for (const act of ['read', 'write', 'destroy']) await job.let(act);
    expect(await job.end()).toMatchObject({ state: 'succeeded' });
  }
});

test('a job of an earlier release, which kept no authority, acts with the grants of its principal', async () => {
  const { secret } = await mint('frida', ['admin'], ['lake:read']);
  const authority = authorityOf(await authenticate(bench.db, secret));
  const id = await engine.enqueue({ kind: 'test.act', authority }, { forgetAuthority: true });
  for (const act of ['read', 'write', 'destroy']) bench.stage.release(`${id} act_${act}`);
  expect(await jobEnd(bench.db, id)).toMatchObject({ state: 'succeeded', authority: null });
});

test('the housekeeping of the server itself passes no authorisation', async () => {
  const id = await engine.enqueue({ kind: 'test.act' });
  bench.stage.release(`${id} act_read`);
  expect(await jobEnd(bench.db, id)).toMatchObject(forbidden());
});
