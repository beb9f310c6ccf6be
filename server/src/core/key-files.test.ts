import { chmodSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { makeTempDir } from '../../test/support/temp-dir.ts';
import { AppError } from './errors.ts';
import {
  allPurposes,
  keysDirectory,
  keyTerms,
  makeKey,
  makeMissingKeys,
  readKeyFile,
  writeKeyFile,
} from './key-files.ts';
import { publicHalf } from './key-pair.ts';

let directory: string;
beforeEach(() => {
  directory = makeTempDir('key-files');
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const termOf = (purpose: string) => keyTerms(directory).find(({ name }) => name === `keys for ${purpose}`);

test('keys are in the directory that is given, else with the other data', () => {
  expect(keysDirectory({ data_dir: '/data' })).toBe('/data/keys');
  expect(keysDirectory({ data_dir: '/data', keys_dir: '/shared' })).toBe('/shared');
});

test('what is missing is made, and what is there stays', () => {
  expect(makeMissingKeys(directory)).toEqual(allPurposes);
  rmSync(path.join(directory, 'cursor.json'));
  const presign = readKeyFile(directory, 'presign');
  expect(makeMissingKeys(directory)).toEqual(['cursor']);
  expect(readKeyFile(directory, 'presign')).toEqual(presign);
  expect(makeMissingKeys(directory)).toEqual([]);
});

describe.each(allPurposes)('the term of the keys for %s', (purpose) => {
  test('follows the current key, knows the older ones, and holds none', () => {
    makeMissingKeys(directory);
    const before = termOf(purpose);
    const file = readKeyFile(directory, purpose) as { current: string; keys: Record<string, string> };
    const [id, key] = makeKey(purpose, file);
    writeKeyFile(directory, purpose, { current: id, keys: { ...file.keys, [id]: key } });
    const after = termOf(purpose);
    expect(after?.value).not.toBe(before?.value);
    expect(after?.also).toContain(before?.value);
    expect(JSON.stringify(keyTerms(directory))).not.toContain(key.slice(0, 20));
  });
});

test('a key of the audit log has the same term when only its public half is left', () => {
  makeMissingKeys(directory);
  const before = termOf('audit-head');
  const { current, keys } = readKeyFile(directory, 'audit-head') as { current: string; keys: Record<string, string> };
  writeKeyFile(directory, 'audit-head', { current, keys: { [current]: publicHalf(keys[current] ?? '') } });
  expect(termOf('audit-head')).toEqual(before);
});

test('missing keys, open files and broken ones are refused by their name', () => {
  const refusal = () => {
    try {
      return keyTerms(directory);
    } catch (error) {
      return error instanceof AppError ? `${error.message} ${error.suggestion}` : error;
    }
  };
  expect(refusal()).toMatch(/no keys for presign.*tutti keys make/);
  makeMissingKeys(directory);
  const cursor = path.join(directory, 'cursor.json');
  chmodSync(cursor, 0o604);
  expect(refusal()).toMatch(/cursor\.json can be read by everybody.*chmod 600/);
  chmodSync(cursor, 0o640);
  expect(refusal()).toHaveLength(allPurposes.length);
  for (const text of ['', '"broken"', '{"current": "k1", "keys": {}}']) {
    writeFileSync(cursor, text);
    expect(refusal()).toMatch(/cursor\.json cannot be read/);
  }
});
