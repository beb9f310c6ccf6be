import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { createTestDatabase, type TestDatabase } from '../../../test/support/database.ts';
import { expandGrants, type Principal } from '../auth/principal.ts';
import { createCatalogue } from '../catalogue.ts';
import { AppError } from '../errors.ts';
import { newId } from '../ids.ts';
import { createInvoke, type Invoke } from '../invoke.ts';
import { openKeys } from '../keys.ts';
import { createLog } from '../log.ts';
import { type Effect, tool } from '../tool.ts';
import { type Audit, createAudit } from './audit.ts';
import { type Entry, subjectOf } from './entry.ts';
import { listEntries } from './store.ts';

const secret = 'correct-horse-battery-staple';
const keysDirectory = mkdtempSync(path.join(tmpdir(), 'tutti-audit-'));
let database: TestDatabase;
let audit: Audit;
let invoke: Invoke;
let woken = 0;

const note = (effect: Effect, name: string, after?: () => unknown) =>
  tool({
    name,
    title: name,
    description: 'Tutti test.',
    toolset: 'system',
    effect,
    scope: `system:${effect}`,
    input: {
      text: z.string().default('none').describe('A text.'),
      dataset_id: z.string().optional().describe('An id.'),
      password: z.string().optional().describe('A password.'),
    },
    output: z.looseObject({ id: z.string().describe('Id of the note.') }),
    async run({ text }, { db }) {
      const id = newId('note');
      if (effect !== 'read') await sql`insert into notes values (${id}, ${text})`.execute(db);
      after?.();
      return { id };
    },
  });

const catalogue = createCatalogue([
  note('read', 'read_note'),
  note('read', 'read_other_note', () => {
    throw new AppError('FORBIDDEN', 'Not yours.', 'Ask.', { required_scope: 'lake:read' });
  }),
  note('write', 'put_note'),
  note('destroy', 'drop_note'),
  note('write', 'fail_after', () => {
    throw new AppError('CONFLICT', `It went wrong: ${secret}`, 'Try another one.', { text: secret });
  }),
  note('write', 'break_after', () => {
    throw new Error(secret);
  }),
]);

const as = (...grants: string[]): { principal: Principal } => ({
  principal: { id: `prn_${grants.join()}`, name: grants.join(), admin: false, scopes: expandGrants(grants).scopes },
});
const admin = as('admin');

beforeAll(async () => {
  database = await createTestDatabase();
  const { db } = database;
  const log = createLog('silent');
  await sql`create table notes (id text, text text)`.execute(db);
  audit = createAudit({ db, keys: openKeys(keysDirectory), log, onEntry: () => (woken += 1) });
  invoke = createInvoke({ catalogue, db, log, strictOutputs: true, audit });
});
afterAll(async () => {
  await database.close();
  rmSync(keysDirectory, { recursive: true, force: true });
});
beforeEach(async () => {
  await sql`truncate audit_entries, notes`.execute(database.db);
});

const entries = (): Promise<Entry[]> => listEntries(database.db, { limit: 1000 });
const notes = async () => (await sql<{ id: string }>`select id from notes`.execute(database.db)).rows;
const refused = (name: string, input: unknown, caller = admin) => invoke(name, input, caller).catch((error) => error);

describe('a change', () => {
  test('is noted with who, what, on what and when, and wakes the sealer', async () => {
    const before = woken;
    const { id } = await invoke('put_note', { text: 'x' }, admin);
    expect(woken).toBe(before + 1);
    expect(await entries()).toEqual([
      {
        id: expect.stringMatching(/^aud_[0-9a-z]{26}$/),
        time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/),
        principal_id: 'prn_admin',
        principal_name: 'admin',
        tool: 'put_note',
        effect: 'write',
        outcome: 'ok',
        subject: id,
        input_hmac: expect.stringMatching(/^k1\.[\w-]{43}$/),
        detail: null,
        xid: expect.stringMatching(/^\d+$/),
        seq: null,
        hash: null,
      },
    ]);
  });

  test('and its entry come from one transaction, or there is neither', async () => {
    await invoke('drop_note', {}, admin);
    const { rows } = await sql<{ same: boolean }>`
      select notes.xmin::text = (audit_entries.xid::text::bigint % 4294967296)::text as same
      from notes, audit_entries`.execute(database.db);
    expect(rows).toEqual([{ same: true }]);
    await sql`alter table audit_entries add constraint full_disk check (tool <> 'put_note') not valid`.execute(
      database.db,
    );
    await refused('put_note', {});
    await sql`alter table audit_entries drop constraint full_disk`.execute(database.db);
    expect(await notes()).toHaveLength(1);
  });

  test.each([
    ['fail_after', 'CONFLICT'],
    ['break_after', 'INTERNAL'],
  ])('that fails after it wrote leaves an entry and no effect: %s', async (name, outcome) => {
    await refused(name, {});
    expect(await notes()).toEqual([]);
    expect(await entries()).toMatchObject([{ tool: name, outcome, subject: null, detail: null }]);
  });

  test('that is not valid is noted, also when it is too odd to hash', async () => {
    await refused('put_note', { colour: 'red' });
    await refused('put_note', { text: '\0' });
    expect(await entries()).toMatchObject([
      { outcome: 'VALIDATION_FAILED', input_hmac: null },
      { outcome: 'VALIDATION_FAILED', input_hmac: expect.any(String) },
    ]);
  });

  test('that is repeated by its key says so, and is one effect', async () => {
    const input = { text: 'x', idempotency_key: 'k' };
    await invoke('put_note', input, admin);
    await invoke('put_note', input, admin);
    expect((await entries()).map((entry) => entry.detail)).toEqual([{ repeated: true }, null]);
    expect(await notes()).toHaveLength(1);
  });
});

describe('a read', () => {
  test('is not noted, also when it fails', async () => {
    await invoke('read_note', {}, admin);
    await refused('read_note', { colour: 'red' });
    expect(await entries()).toEqual([]);
  });

  test('that is denied is', async () => {
    await refused('read_note', {}, as('lake:read'));
    await refused('read_other_note', {});
    expect(await entries()).toMatchObject([
      { tool: 'read_other_note', outcome: 'FORBIDDEN', effect: 'read', detail: { required_scope: 'lake:read' } },
      {
        tool: 'read_note',
        outcome: 'FORBIDDEN',
        principal_name: 'lake:read',
        detail: { required_scope: 'system:read' },
      },
    ]);
  });
});

test('a denied change is noted and does not run', async () => {
  await refused('drop_note', {}, as('reader'));
  expect(await notes()).toEqual([]);
  expect(await entries()).toMatchObject([{ outcome: 'FORBIDDEN', detail: { required_scope: 'system:destroy' } }]);
});

test('nothing of an input is kept but its keyed hash, which is the same for the same input', async () => {
  const input = { text: 'y', password: secret, dataset_id: secret };
  await invoke('put_note', input, admin);
  await invoke('put_note', { password: secret, dataset_id: secret, text: 'y' }, admin);
  await invoke('put_note', { ...input, text: 'z' }, admin);
  await refused('put_note', { ...input, [secret]: secret });
  await refused('fail_after', input);
  await refused('break_after', input);
  await refused('put_note', input, as('reader'));
  const { rows } = await sql`select audit_entries::text as text from audit_entries`.execute(database.db);
  expect(rows).toHaveLength(7);
  expect(JSON.stringify(rows)).not.toContain(secret);
  const [third, second, first] = (await entries()).slice(-3);
  expect(first?.input_hmac).toBe(second?.input_hmac);
  expect(third?.input_hmac).not.toBe(first?.input_hmac);
});

test('an entry that cannot be written does not hide why a call failed', async () => {
  await sql`alter table audit_entries rename to hidden`.execute(database.db);
  try {
    expect(await refused('fail_after', {})).toMatchObject({ code: 'CONFLICT' });
    expect(await refused('read_note', {}, as())).toMatchObject({ code: 'FORBIDDEN' });
  } finally {
    await sql`alter table hidden rename to audit_entries`.execute(database.db);
  }
});

test('a flood of unknown callers is one entry', async () => {
  for (let attempt = 0; attempt < 5000; attempt += 1) audit.unauthenticated(`10.0.0.${attempt % 50}`);
  await audit.flush();
  await audit.flush();
  const [entry, ...others] = await entries();
  expect(others).toEqual([]);
  expect(entry).toMatchObject({ principal_id: null, principal_name: 'unauthenticated', outcome: 'UNAUTHENTICATED' });
  expect(entry?.detail).toMatchObject({ attempts: 5000, other_addresses: 4000 });
  expect(Object.keys(entry?.detail?.addresses ?? {})).toHaveLength(10);

  // After an entry the next one waits for a minute, however many come.
  audit.unauthenticated('10.0.0.1');
  await sleep(50);
  expect(await entries()).toHaveLength(1);
});

test('the subject is an id of ours, of the input before the answer', () => {
  const [dataset, job, run] = [newId('ds'), newId('job'), newId('run')];
  expect(subjectOf({ dataset_id: dataset }, { id: job })).toBe(dataset);
  expect(subjectOf({ job_id: job, dataset_id: dataset })).toBe(dataset);
  expect(subjectOf({ name: 'x' }, { id: job })).toBe(job);
  expect(subjectOf({ run_id: run }, { id: job })).toBe(run);
  expect(subjectOf({ dataset_id: 'my password' }, { id: job })).toBe(job);
  for (const nothing of [undefined, null, 'x', 7, [], {}, { id: 7 }, { id: `${job} ` }]) {
    expect(subjectOf(nothing, nothing)).toBeNull();
  }
});
