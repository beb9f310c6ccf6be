import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { makeKeyPair, publicHalf } from '../key-pair.ts';
import { openHeadKey } from './head-key.ts';

const directory = mkdtempSync(path.join(tmpdir(), 'tutti-head-key-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));
const end = { seq: 7, hash: 'a'.repeat(64), count: 3, time: '2026-01-02T03:04:05.678000Z' };

test('a head holds as it was signed alone', () => {
  const key = openHeadKey(path.join(directory, 'one'));
  const head = key.signHead(end);
  expect(key.verifyHead(head)).toBe(true);
  const other = { seq: 8, hash: 'b'.repeat(64), count: 2, time: '2026-01-02T03:04:05.678001Z', signature: 'AAAA' };
  for (const [field, value] of Object.entries(other)) expect(key.verifyHead({ ...head, [field]: value })).toBe(false);
  for (const key_id of ['other', '', '__proto__', 'constructor']) {
    expect(key.verifyHead({ ...head, key_id })).toBeUndefined();
  }
  expect(openHeadKey(path.join(directory, 'two')).verifyHead(head)).toBeUndefined();
});

test('a checkpoint is a signature of its own', () => {
  const key = openHeadKey(path.join(directory, 'one'));
  const head = key.signHead(end);
  const checkpoint = key.signCheckpoint(head);
  expect(key.verifyCheckpoint({ ...head, checkpoint })).toBe(true);
  expect(key.verifyCheckpoint({ ...head, seq: 8, checkpoint })).toBe(false);
  for (const wrong of [null, '', '.', `${head.key_id}.${head.signature}`]) {
    expect(key.verifyCheckpoint({ ...head, checkpoint: wrong })).toBe(false);
  }
});

test('the file is for its owner only; a rotation counts from the next head on, and the public half still verifies', () => {
  const key = openHeadKey(path.join(directory, 'rotated'));
  const file = path.join(directory, 'rotated', 'audit-head.json');
  expect(existsSync(path.dirname(file)), 'whoever only verifies makes no key').toBe(false);
  const before = key.signHead(end);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  const known = JSON.parse(readFileSync(file, 'utf8'));
  const [id, pem] = makeKeyPair();
  const old = publicHalf(known.keys[before.key_id]);
  expect(old).not.toContain('PRIVATE');
  writeFileSync(file, JSON.stringify({ current: id, keys: { [before.key_id]: old, [id]: pem } }));
  const after = key.signHead(end);
  expect(after.key_id).toBe(id);
  const again = openHeadKey(path.join(directory, 'rotated'));
  expect([again.verifyHead(before), again.verifyHead(after), key.verifyHead(before)]).toEqual([true, true, true]);
  writeFileSync(file, '{');
  expect(key.verifyHead(key.signHead(end))).toBe(true);
  expect(() => openHeadKey(path.join(directory, 'rotated'))).toThrow();
});
