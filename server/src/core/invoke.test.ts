import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { createTestDatabase, type TestDatabase } from '../../test/support/database.ts';
import { expandGrants, type Principal } from './auth/principal.ts';
import { createCatalogue } from './catalogue.ts';
import { AppError } from './errors.ts';
import { createInvoke, type Invoke } from './invoke.ts';
import { createLog } from './log.ts';
import { type Effect, tool } from './tool.ts';

let database: TestDatabase;
let invoke: Invoke;
let lenient: Invoke;
let runs: { name: string; input: unknown }[];

/** Adds a note and then waits: it tells whether the note is there for others by then. */
const waiting = tool({
  name: 'add_and_wait',
  title: 'wait',
  description: 'Tutti test.',
  toolset: 'system',
  effect: 'write',
  scope: 'system:write',
  input: { text: z.string().describe('A text.') },
  output: z.looseObject({ text: z.string().describe('A text.') }),
  async run(input, { db }) {
    runs.push({ name: 'add_and_wait', input });
    await sql`insert into notes values (${input.text})`.execute(db);
    return { text: input.text, answer: 'first' };
  },
  async settle(answer, { text }, { db }) {
    if (text === 'broken') throw new AppError('TIMED_OUT', 'It took too long.', 'Wait longer.');
    const { rows } = await sql`select 1 from notes where text = ${text}`.execute(database.db);
    expect(db).toBe(database.db);
    return { ...answer, answer: 'settled', seen: rows.length };
  },
});

const notes = (effect: Effect, name: string, after?: () => unknown) =>
  tool({
    name,
    title: name,
    description: 'Tutti test.',
    toolset: 'system',
    effect,
    scope: effect === 'read' ? 'system:read' : 'system:write',
    aliases: [`former_${name}`],
    input: { text: z.string().default('none').describe('A text.') },
    output: z.looseObject({ count: z.number().describe('How many there are.') }),
    async run(input, { db }) {
      runs.push({ name, input });
      if (effect !== 'read') await sql`insert into notes values (${input.text})`.execute(db);
      const { rows } = await sql<{ count: number }>`select count(*) as count from notes`.execute(db);
      const changed = after?.();
      return (changed ?? { count: rows[0]?.count ?? 0, extra: 'kept' }) as { count: number };
    },
  });

const heeding = tool({
  name: 'heed',
  title: 'heed',
  description: 'Tutti test.',
  toolset: 'system',
  effect: 'read',
  scope: 'system:read',
  input: {},
  output: z.looseObject({}),
  async run(_input, { signal }) {
    signal.throwIfAborted();
    return {};
  },
});

const catalogue = createCatalogue([
  heeding,
  notes('read', 'count_notes'),
  notes('write', 'add_note'),
  notes('write', 'fail_after', () => {
    throw new AppError('CONFLICT', 'It went wrong.', 'Try another one.');
  }),
  notes('write', 'break_after', () => {
    throw new Error('hunter2');
  }),
  notes('write', 'odd_output', () => ({ count: 'many' })),
  waiting,
]);

beforeAll(async () => {
  database = await createTestDatabase();
  await sql`create table notes (text text)`.execute(database.db);
  const settings = { catalogue, db: database.db, log: createLog('silent') };
  invoke = createInvoke({ ...settings, strictOutputs: true });
  lenient = createInvoke({ ...settings, strictOutputs: false });
});
afterAll(() => database.close());
beforeEach(() => {
  runs = [];
});

const as = (...grants: string[]): { principal: Principal } => ({
  principal: { id: `prn_${grants.join()}`, name: 'p', admin: false, scopes: expandGrants(grants).scopes },
});
const writer = as('writer');
const code = (work: Promise<unknown>) =>
  work.then(
    () => 'OK',
    (error) => error.code ?? error.message,
  );
const count = async () => (await invoke('count_notes', {}, writer)).count;

describe('a call', () => {
  test('gets its input parsed, and its answer whole', async () => {
    expect(await invoke('count_notes', undefined, writer)).toMatchObject({ extra: 'kept' });
    await invoke('former_add_note', { text: 'x' }, writer);
    expect(runs).toEqual([
      { name: 'count_notes', input: { text: 'none' } },
      { name: 'add_note', input: { text: 'x' } },
    ]);
  });

  test('that is not known, not allowed or not valid does not run', async () => {
    expect(await code(invoke('nothing', {}, writer))).toBe('UNKNOWN_TOOL');
    expect(await code(invoke('__proto__', {}, writer))).toBe('UNKNOWN_TOOL');
    expect(await code(invoke('add_note', {}, as('reader')))).toBe('FORBIDDEN');
    expect(await code(invoke('add_note', { colour: 'red' }, as('reader')))).toBe('FORBIDDEN');
    expect(await code(invoke('add_note', { colour: 'red' }, writer))).toBe('VALIDATION_FAILED');
    expect(await code(invoke('add_note', { text: '\0' }, writer))).toBe('VALIDATION_FAILED');
    expect(await code(invoke('count_notes', { idempotency_key: 'k' }, writer))).toBe('VALIDATION_FAILED');
    expect(runs).toEqual([]);
  });

  test('that fails leaves nothing behind, whatever was thrown', async () => {
    const before = await count();
    expect(await code(invoke('fail_after', {}, writer))).toBe('CONFLICT');
    expect(await code(invoke('break_after', {}, writer))).toBe('hunter2');
    expect(await count()).toBe(before);
  });

  test('whose caller gave up is canceled, and no riddle for the log', async () => {
    const ended = AbortSignal.abort();
    expect(await code(invoke('heed', {}, { ...writer, signal: ended }))).toBe('CANCELED');
    expect(await code(invoke('break_after', {}, { ...writer, signal: ended }))).toBe('hunter2');
  });

  test('whose answer misses its schema throws in tests, and is answered in production', async () => {
    await expect(invoke('odd_output', {}, writer)).rejects.toThrow('misses its schema');
    expect(await lenient('odd_output', {}, writer)).toEqual({ count: 'many' });
  });
});

describe('a tool that settles', () => {
  test('waits once its change has committed, and again when the call is repeated', async () => {
    const input = { text: 'to wait for', idempotency_key: 'w' };
    const settled = { text: 'to wait for', answer: 'settled', seen: 1 };
    expect(await invoke('add_and_wait', input, writer)).toEqual(settled);
    expect(await invoke('add_and_wait', input, writer)).toEqual(settled);
    expect(runs).toHaveLength(1);
  });

  test('keeps its change when the waiting fails', async () => {
    const before = Number(await count());
    expect(await code(invoke('add_and_wait', { text: 'broken' }, writer))).toBe('TIMED_OUT');
    expect(await count()).toBe(before + 1);
  });
});

describe('an idempotency key', () => {
  test('runs once, also when the tool is called by a former name', async () => {
    const input = { text: 'once', idempotency_key: 'a' };
    const names = ['add_note', 'former_add_note', 'add_note', 'add_note'];
    const before = Number(await count());
    const answers = await Promise.all(names.map((name) => invoke(name, input, writer)));
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    expect(await count()).toBe(before + 1);
    expect(runs.filter((run) => run.name === 'add_note')).toEqual([{ name: 'add_note', input: { text: 'once' } }]);
  });

  test('with a default written out is the same input, with another value not', async () => {
    await invoke('add_note', { idempotency_key: 'b' }, writer);
    expect(await code(invoke('add_note', { idempotency_key: 'b', text: 'none' }, writer))).toBe('OK');
    expect(await code(invoke('add_note', { idempotency_key: 'b', text: 'other' }, writer))).toBe(
      'IDEMPOTENCY_CONFLICT',
    );
    expect(runs).toHaveLength(1);
  });

  test('of a call that failed is free', async () => {
    const input = { idempotency_key: 'c' };
    expect(await code(invoke('fail_after', input, writer))).toBe('CONFLICT');
    expect(await code(invoke('fail_after', { ...input, text: 'other' }, writer))).toBe('CONFLICT');
  });

  test('is forgotten after a day', async () => {
    await invoke('add_note', { idempotency_key: 'd' }, writer);
    await sql`update idempotency_keys set created_at = now() - interval '25 hours'`.execute(database.db);
    expect(await code(invoke('add_note', { idempotency_key: 'd', text: 'other' }, writer))).toBe('OK');
    expect(runs).toHaveLength(2);
  });
});
