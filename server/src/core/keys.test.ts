import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { keyPurposes, openKeys } from './keys.ts';

const directory = mkdtempSync(path.join(tmpdir(), 'tutti-keys-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));
const at = (name: string) => path.join(directory, name);
const keys = openKeys(at('shared'));

describe('a signature', () => {
  test('holds for its text and purpose alone', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (text, other) => {
        const signature = keys.sign('cursor', text);
        expect(keys.verify('cursor', text, signature)).toBe(true);
        expect(keys.verify('presign', text, signature)).toBe(false);
        expect(keys.verify('cursor', other, signature)).toBe(text === other);
      }),
    );
  });

  test('holds no longer when one of its bits is changed', () => {
    const [id = '', given = ''] = keys.sign('presign', 'text').split('.');
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 255 }), (bit) => {
        const bytes = Buffer.from(given, 'base64url');
        bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        expect(keys.verify('presign', 'text', `${id}.${bytes.toString('base64url')}`)).toBe(false);
      }),
    );
  });

  test.each(['', '.', 'k1', 'k1.', 'k9.AAAA', '__proto__.AAAA', 'constructor.', 'k1.????', '\0'])(
    '%j is none',
    (signature) => expect(keys.verify('cursor', 'text', signature)).toBe(false),
  );

  test('of another server does not hold', () => {
    expect(openKeys(at('other')).verify('cursor', 'text', keys.sign('cursor', 'text'))).toBe(false);
  });
});

describe('what is sealed', () => {
  const bytes = Buffer.from('what nobody is to read');
  const sealed = openKeys(at('seal')).seal('workflow-states', bytes, 'run_1 0:Fetch');
  const unseal = (from: Buffer, bound = 'run_1 0:Fetch', directory = 'seal') =>
    openKeys(at(directory)).unseal('workflow-states', from, bound);

  test('opens with its key and what it is bound to, and shows nothing', () => {
    expect(unseal(sealed)).toEqual(bytes);
    expect(sealed.includes('nobody')).toBe(false);
    expect(openKeys(at('seal')).seal('workflow-states', bytes, 'run_1 0:Fetch')).not.toEqual(sealed);
  });

  test('opens neither elsewhere nor when a bit of it was changed', () => {
    expect(() => unseal(sealed, 'run_2 0:Fetch')).toThrow();
    expect(() => unseal(sealed, undefined, 'other seal')).toThrow();
    for (const place of [0, 4, 20, sealed.length - 1]) {
      const changed = Buffer.from(sealed);
      changed.writeUInt8(changed.readUInt8(place) ^ 1, place);
      expect(() => unseal(changed)).toThrow();
    }
  });
});

describe('the files', () => {
  test('are one a purpose, for their owner only, and stay', () => {
    const first = openKeys(at('files'));
    // At once, not when first needed: the disk may be full by then.
    expect(readdirSync(at('files')).sort()).toEqual(keyPurposes.map((purpose) => `${purpose}.json`).sort());
    const signature = first.sign('cursor', 'text');
    expect(statSync(path.join(at('files'), 'cursor.json')).mode & 0o777).toBe(0o600);
    expect(statSync(at('files')).mode & 0o777).toBe(0o700);
    expect(openKeys(at('files')).verify('cursor', 'text', signature)).toBe(true);
  });

  test('may hold a new key to sign with beside the one before', () => {
    const file = path.join(at('rotated'), 'cursor.json');
    const old = openKeys(at('rotated')).sign('cursor', 'text');
    const known = JSON.parse(readFileSync(file, 'utf8'));
    const k2 = Buffer.alloc(32, 7).toString('base64url');
    writeFileSync(file, JSON.stringify({ current: 'k2', keys: { ...known.keys, k2 } }));
    const rotated = openKeys(at('rotated'));
    expect(rotated.sign('cursor', 'text')).toMatch(/^k2\./);
    expect(rotated.verify('cursor', 'text', old)).toBe(true);
    writeFileSync(file, JSON.stringify({ current: 'k2', keys: { k2 } }));
    expect(openKeys(at('rotated')).verify('cursor', 'text', old)).toBe(false);
  });

  test('that are broken stop the start, and are not overwritten', () => {
    openKeys(at('broken')).sign('cursor', 'text');
    const file = path.join(at('broken'), 'cursor.json');
    writeFileSync(file, '{');
    expect(() => openKeys(at('broken')).sign('cursor', 'text')).toThrow();
    expect(readFileSync(file, 'utf8')).toBe('{');
  });
});
