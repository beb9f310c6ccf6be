import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'kysely';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../test/support/database.ts';
import { inTransaction } from '../db/database.ts';
import { newId } from '../ids.ts';
import { createLog } from '../log.ts';
import { readAnchor } from './anchor.ts';
import { openHeadKey } from './head-key.ts';
import { forgetEntries, sealBatch } from './seal.ts';
import { type Sealer, startSealer } from './sealer.ts';
import { insertEntry, listEntries } from './store.ts';
import { verifyChain } from './verify.ts';

const directory = mkdtempSync(path.join(tmpdir(), 'tutti-chain-'));
const key = openHeadKey(path.join(directory, 'own'));
let database: TestDatabase;
const sealers: Sealer[] = [];

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(async () => {
  await database.close();
  rmSync(directory, { recursive: true, force: true });
});
beforeEach(async () => {
  await run(`truncate audit_entries, audit_heads`);
  rmSync(path.join(directory, 'audit-anchor.json'), { force: true });
});
afterEach(() => Promise.all(sealers.splice(0).map((sealer) => sealer.stop())));

const run = (text: string) => sql.raw(text).execute(database.db);
const entry = (tool = 'put_note') => ({
  principal_id: 'prn_a',
  principal_name: 'a',
  tool,
  effect: 'write',
  outcome: 'ok',
  subject: null,
  input_hmac: null,
  detail: { text: 'ü', count: 1 },
});
const add = async (count: number) => {
  for (let n = 0; n < count; n += 1) await insertEntry(database.db, newId('aud'), entry(`tool_${n}`));
};
/** Twenty entries under four heads, of five each. */
const chain = async () => {
  await add(20);
  while (await sealBatch(database.db, key, 5));
};
const verdict = () => verifyChain(database.db, key);
const start = (): Sealer => {
  const sealer = startSealer({ db: database.db, key, dataDir: directory, log: createLog('silent'), keepDays: 400 });
  sealers.push(sealer);
  return sealer;
};
const numbers = async () => {
  const { rows } = await sql<{ seq: number | null }>`select seq from audit_entries order by seq`.execute(database.db);
  return rows.map((row) => row.seq);
};
const upTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1);

describe('the chain', () => {
  test('is whole when it is empty, and when it was sealed in batches', async () => {
    expect(await verdict()).toMatchObject({ ok: true, entries: 0, heads: 0, unsealed: 0 });
    await chain();
    expect(await verdict()).toEqual({
      ok: true,
      entries: 20,
      heads: 4,
      start: 0,
      head: { seq: 20, hash: expect.stringMatching(/^[0-9a-f]{64}$/), time: expect.any(String) },
      unsealed: 0,
      problems: [],
      more_problems: 0,
    });
    expect(await numbers()).toEqual(upTo(20));
    expect(await sealBatch(database.db, key)).toBeUndefined();
  });

  test('takes entries in the order of their transactions, and none that an open one may still precede', async () => {
    const ids = [newId('aud'), newId('aud'), newId('aud')] as const;
    const [written, commit] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const slow = inTransaction(database.db, async (tx) => {
      await insertEntry(tx, ids[1], entry('slow'));
      written.resolve();
      await commit.promise;
    });
    await written.promise;
    await insertEntry(database.db, ids[0], entry('quick'));
    expect(await sealBatch(database.db, key)).toBeUndefined();
    expect(await verdict()).toMatchObject({ ok: true, unsealed: 1 });
    commit.resolve();
    await slow;
    await sealBatch(database.db, key);
    const { rows } = await sql<{ tool: string }>`select tool from audit_entries order by seq`.execute(database.db);
    expect(rows.map((row) => row.tool)).toEqual(['slow', 'quick']);
  });

  test('takes entries that were restored from a cluster with younger transactions', async () => {
    await add(2);
    await run(`update audit_entries set xid = '9000000000000000'`);
    await sealBatch(database.db, key);
    expect(await verdict()).toMatchObject({ ok: true, entries: 2 });
  });

  test('is one when two seal at once', async () => {
    await add(60);
    await Promise.all(
      upTo(6).map(async () => {
        for (let round = 0; round < 30; round += 1) await sealBatch(database.db, key, 2);
      }),
    );
    while (await sealBatch(database.db, key));
    expect(await numbers()).toEqual(upTo(60));
    expect(await verdict()).toMatchObject({ ok: true, entries: 60 });
  });

  test('holds after load from many writers, with two sealers of which one ends and starts again', async () => {
    let [first, second] = [start(), start()];
    let writing = true;
    const writers = upTo(6).map(async () => {
      for (let n = 0; n < 80; n += 1) {
        first.wake();
        second.wake();
        await inTransaction(database.db, async (tx) => {
          await insertEntry(tx, newId('aud'), entry());
          if (n % 10 === 0) await sleep(20);
        });
      }
    });
    const restarts = (async () => {
      while (writing) {
        await sleep(150);
        await first.stop();
        first = start();
      }
    })();
    await Promise.all(writers);
    writing = false;
    await restarts;
    await Promise.all([first.stop(), second.stop()]);
    second = start();
    expect(await verdict()).toMatchObject({ ok: true, entries: 480, unsealed: 0 });
    expect(await numbers()).toEqual(upTo(480));
  });

  test('grows by itself a moment after an entry', async () => {
    const sealer = start();
    await sleep(50);
    await add(1);
    sealer.wake();
    while ((await verdict()).entries === 0) await sleep(50);
    expect((await verdict()).head?.seq).toBe(1);
  });
});

/** What somebody with all rights on the database does, and what the verification must say of it. */
const tampering: readonly [string, string, readonly RegExp[]][] = [
  [
    'an outcome is changed',
    `update audit_entries set outcome = 'FORBIDDEN' where seq = 7`,
    [/^Entry 7 \(aud_\w+, .*changed/],
  ],
  ['a detail is changed', `update audit_entries set detail = '{"count": 2}' where seq = 7`, [/^Entry 7 .*changed/]],
  ['a time is moved', `update audit_entries set time = time + interval '1 us' where seq = 20`, [/^Entry 20 .*changed/]],
  ['somebody else did it', `update audit_entries set principal_id = 'prn_b' where seq = 1`, [/^Entry 1 .*changed/]],
  ['a row is removed', `delete from audit_entries where seq = 7`, [/^Entry 7 is missing: entry 8 \(aud_/]],
  [
    'the last row before a head is removed',
    `delete from audit_entries where seq = 10`,
    [/^Entry 10 is missing: a head/],
  ],
  ['the first rows are removed', `delete from audit_entries where seq < 3`, [/^Entries 1 to 2 are missing/]],
  [
    'the tail is cut',
    `delete from audit_entries where seq > 13`,
    [/^Entries 14 to 15 are .*a head/, /^Entries 16 to 20 are/],
  ],
  [
    'two rows are swapped',
    `update audit_entries set seq = null where seq = 7; update audit_entries set seq = 7 where seq = 8;
     update audit_entries set seq = 8 where seq is null`,
    [/^Entry 7 .*changed/, /^Entry 8 .*changed/, /^Entry 9 .*changed/],
  ],
  [
    'a head is changed',
    `update audit_heads set hash = repeat('0', 64) where seq = 10`,
    [/^The head at entry 10.*wrong signature/],
  ],
  [
    'a head is forged',
    `insert into audit_heads select seq + 5, hash, 5, time, key_id, signature, null from audit_heads where seq = 20`,
    [/^Entries 21 to 25 are missing/, /^The head at entry 25, of .*, has a wrong signature/],
  ],
  ['a head is removed', `delete from audit_heads where seq = 10`, [/^The head at entry 15.*a head is missing/]],
  [
    'the last head is removed',
    `delete from audit_heads where seq = 20`,
    [/^Entries 16 to 20 of the chain: no signed head/],
  ],
  [
    'a head of a stranger',
    `update audit_heads set key_id = 'other' where seq = 5`,
    [/^The head at entry 5.*not known here: other/],
  ],
  [
    'the beginning is removed with its heads',
    `delete from audit_entries where seq <= 10; delete from audit_heads where seq <= 10`,
    [/^Entries 1 to 10 are missing/, /^The head at entry 15.*a head is missing/],
  ],
  [
    'the beginning is removed under a forged checkpoint',
    `delete from audit_entries where seq <= 10; delete from audit_heads where seq < 10;
     update audit_heads set checkpoint = key_id || '.' || signature where seq = 10`,
    [/^The checkpoint at entry 10 has a wrong signature/],
  ],
  [
    'a seal is taken away',
    `update audit_entries set seq = null, hash = null, time = now() - interval '2 min' where seq = 20`,
    [/^Entry 20 is missing/, /^1 entry is older than a minute and not sealed, the first of them aud_/],
  ],
];

describe('it is found when', () => {
  test.each(tampering)('%s', async (_what, statement, expected) => {
    await chain();
    await run(statement);
    const { ok, problems } = await verdict();
    expect(ok).toBe(false);
    expect(problems).toHaveLength(expected.length);
    for (const [index, sentence] of expected.entries()) expect(problems[index]).toMatch(sentence);
  });

  test('entries are changed and chained anew, which only the heads tell', async () => {
    await chain();
    await run(`create temp table heads as select * from audit_heads`);
    await run(
      `update audit_entries set seq = null, hash = null; update audit_entries set tool = 'x' where tool = 'tool_3'`,
    );
    await run(`delete from audit_heads`);
    while (await sealBatch(database.db, openHeadKey(path.join(directory, 'forger')), 5));
    const forged = await verdict();
    expect(forged.problems).toHaveLength(4);
    for (const problem of forged.problems) expect(problem).toContain('a key that is not known here');
    await run(`delete from audit_heads; insert into audit_heads select * from heads; drop table heads`);
    const found = await verdict();
    expect(found.problems[0]).toMatch(/^The head at entry 5, of .* tells another hash/);
  });

  test('much is wrong: the first hundred and a count', async () => {
    await add(150);
    while (await sealBatch(database.db, key));
    await run(`update audit_entries set tool = 'x'`);
    const { problems, more_problems } = await verdict();
    expect([problems.length, more_problems]).toEqual([100, 50]);
  });
});

test('sealing goes on after somebody removed heads, and the gap stays visible', async () => {
  await chain();
  await run(`delete from audit_heads where seq = 20`);
  await add(3);
  await sealBatch(database.db, key);
  expect((await verdict()).problems).toEqual([expect.stringMatching(/^The head at entry 23.*a head is missing/)]);
});

describe('a head that was seen before', () => {
  const anchored = () => verifyChain(database.db, key, readAnchor(directory));
  /** Ten entries under one head, which the sealer saw. */
  const seen = async () => {
    await add(5);
    await sealBatch(database.db, key);
    await add(5);
    await start().stop();
  };

  test('is missed when entries and heads are cut off together, also after the chain has grown anew', async () => {
    await seen();
    expect(await anchored()).toMatchObject({ ok: true, head: { seq: 10 } });
    await run(`delete from audit_entries where seq > 5; delete from audit_heads where seq > 5`);
    expect((await verdict()).ok).toBe(true);
    expect((await anchored()).problems).toEqual([expect.stringMatching(/^The head at entry 10, .* was cut off/)]);
    await add(5);
    await start().stop();
    expect((await anchored()).problems).toEqual([expect.stringMatching(/^The head at entry 10, .* grown anew/)]);
    expect(readAnchor(directory)?.seq).toBe(10);
  });

  test('is missed when everything is emptied', async () => {
    await seen();
    await run(`truncate audit_entries, audit_heads`);
    expect((await anchored()).ok).toBe(false);
  });

  test('is not missed when retention took it', async () => {
    await seen();
    await add(1);
    await sealBatch(database.db, key);
    await forgetEntries(database.db, key, new Date(Date.now() + 1000));
    expect(await anchored()).toMatchObject({ ok: true, start: 11 });
    await add(1);
    await start().stop();
    expect(readAnchor(directory)?.seq).toBe(12);
  });
});

describe('retention', () => {
  const daysAgo = (days: number) => new Date(Date.now() - days * 86_400_000);
  /** Twenty entries, of which ten were sealed long ago. */
  const aged = async () => {
    await add(10);
    const past = daysAgo(500).toISOString().replace('Z', '000Z');
    const old = {
      ...key,
      signHead: (head: Parameters<typeof key.signHead>[0]) => key.signHead({ ...head, time: past }),
    };
    while (await sealBatch(database.db, old, 5));
    await add(10);
    while (await sealBatch(database.db, key, 5));
  };

  test('removes what is old and leaves a chain that verifies from its checkpoint on, and grows', async () => {
    await aged();
    expect(await forgetEntries(database.db, key, daysAgo(400))).toBe(10);
    expect(await verdict()).toMatchObject({ ok: true, start: 10, entries: 10, heads: 2 });
    expect(await listEntries(database.db, { limit: 100 })).toHaveLength(10);
    expect(await forgetEntries(database.db, key, daysAgo(400))).toBe(0);
    await add(2);
    await sealBatch(database.db, key);
    expect(await verdict()).toMatchObject({ ok: true, start: 10, entries: 12 });
    await run(`delete from audit_entries where seq = 11`);
    expect((await verdict()).problems).toEqual([expect.stringMatching(/^Entry 11 is missing/)]);
  });

  test('that was cut off between its steps leaves a chain that verifies, and ends its work the next time', async () => {
    await aged();
    await run(`create function refuse() returns trigger language plpgsql as 'begin raise exception ''cut off''; end'`);
    await run(`create trigger refuse before delete on audit_heads execute function refuse()`);
    await expect(forgetEntries(database.db, key, daysAgo(400))).rejects.toThrow('cut off');
    expect(await verdict()).toMatchObject({ ok: true, start: 10, entries: 10 });
    await run(`drop trigger refuse on audit_heads`);
    await forgetEntries(database.db, key, daysAgo(400));
    const { rows } = await sql<{ seq: number }>`select seq from audit_heads order by seq`.execute(database.db);
    expect(rows.map((row) => row.seq)).toEqual([10, 15, 20]);
  });

  test('may remove everything, and the chain goes on from there', async () => {
    await chain();
    expect(await forgetEntries(database.db, key, daysAgo(-1))).toBe(20);
    expect(await verdict()).toMatchObject({ ok: true, start: 20, entries: 0, head: { seq: 20 } });
    await add(1);
    await sealBatch(database.db, key);
    expect(await numbers()).toEqual([21]);
    expect(await verdict()).toMatchObject({ ok: true, entries: 1 });
  });
});
