import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { AppError } from '../errors.ts';
import type { Principal } from './principal.ts';
import { rememberCallers, requireDatabaseFor } from './remembered.ts';
import { unauthenticated } from './tokens.ts';

const cleo: Principal = { id: 'prn_1', name: 'cleo', admin: false, scopes: new Set(['config:read']) };
const lost = Object.assign(new Error('gone'), { syscall: 'connect', code: 'ENOENT' });

/** Callers of a database that a test sets: how it answers, and how often it was asked. */
function callers(maxAgeMs: number) {
  const database: { asked: number; answer: () => Promise<Principal> } = { asked: 0, answer: async () => cleo };
  const identify = () => {
    database.asked += 1;
    return database.answer();
  };
  return { database, ...rememberCallers({ identify, maxAgeMs }) };
}

const away = async () => {
  throw lost;
};

test('within the time of trust nobody is asked twice', async () => {
  const { database, recall } = callers(60_000);
  for (let at = 0; at < 3; at += 1) expect(await recall('token', '/config/a/b', 5000)).toBe(cleo);
  expect(database.asked).toBe(1);
  await recall('token', '/mcp', 0);
  await recall('other', '/config/a/b', 5000);
  expect(database.asked).toBe(3);
});

test('while the database is away, or answers nobody, those are known who were known before', async () => {
  const { database, recall, identify } = callers(60_000);
  await recall('token', '/mcp', 0);
  for (const answer of [() => new Promise<Principal>(() => undefined), away]) {
    database.answer = answer;
    expect(await recall('token', '/mcp', 0)).toEqual({ ...cleo, remembered: true });
  }
  database.answer = away;
  await expect(recall('stranger', '/mcp', 0)).rejects.toBe(lost);
  await expect(identify('token', '/mcp'), 'what changes something asks the database').rejects.toBe(lost);
});

test('a token that was revoked is refused as soon as the database says so, and from then on', async () => {
  const { database, recall } = callers(60_000);
  await recall('token', '/mcp', 0);
  const refused = unauthenticated();
  database.answer = () => Promise.reject(refused);
  await expect(recall('token', '/mcp', 0)).rejects.toBe(refused);
  database.answer = away;
  await expect(recall('token', '/mcp', 5000)).rejects.toBe(lost);
});

test('nobody is known for longer than the stated age, nor than his token holds', async () => {
  const { database, recall } = callers(20);
  await recall('token', '/mcp', 5000);
  const ending = rememberCallers({ identify: () => database.answer(), maxAgeMs: 60_000 });
  database.answer = async () => ({ ...cleo, expiresAt: new Date(Date.now() + 20) });
  await ending.recall('token', '/mcp', 5000);
  database.answer = away;
  await sleep(50);
  await expect(recall('token', '/mcp', 5000)).rejects.toBe(lost);
  await expect(ending.recall('token', '/mcp', 5000)).rejects.toBe(lost);
});

test('a token of an issuer that is for one endpoint is not known at another', async () => {
  const { database, recall } = callers(60_000);
  await recall('token', '/mcp/config', 0);
  database.answer = away;
  await expect(recall('token', '/mcp/ops', 0)).rejects.toBe(lost);
  expect(await recall('token', '/mcp/config', 0)).toMatchObject({ id: 'prn_1' });
});

test('whoever is only remembered gets what needs no database, and nothing else', () => {
  const remembered: Principal = { ...cleo, remembered: true };
  expect(() => requireDatabaseFor(remembered, {})).toThrow(AppError);
  expect(() => requireDatabaseFor(remembered, { fromMemory: true })).not.toThrow();
  expect(() => requireDatabaseFor(cleo, {})).not.toThrow();
});
