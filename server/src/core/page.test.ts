import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { openKeys } from './keys.ts';
import { createCursors, pageOf } from './page.ts';

const directory = mkdtempSync(path.join(tmpdir(), 'tutti-page-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));
const cursors = createCursors(openKeys(directory));
const bad = expect.objectContaining({ code: 'BAD_CURSOR' });

describe('a cursor', () => {
  test('gives its position back to the same list with the same filters', () => {
    const position = fc.string({ unit: 'grapheme', minLength: 1 });
    fc.assert(
      fc.property(position, fc.dictionary(fc.string(), fc.jsonValue()), (at, filters) => {
        const cursor = cursors.encode('things', filters, at);
        const turned = Object.fromEntries(Object.entries(filters).reverse());
        expect(cursors.decode('things', turned, cursor)).toBe(at);
        expect(cursor).toMatch(/^[\w.-]+$/);
      }),
    );
  });

  test('is refused by another list, with other filters and with another position', () => {
    const cursor = cursors.encode('things', { tag: 'a' }, 'id_1');
    const moved = cursors.encode('things', { tag: 'b' }, 'id_2').split('.')[0] + cursor.slice(cursor.indexOf('.'));
    expect(() => cursors.decode('others', { tag: 'a' }, cursor)).toThrow(bad);
    expect(() => cursors.decode('things', { tag: 'b' }, cursor)).toThrow(bad);
    expect(() => cursors.decode('things', undefined, cursor)).toThrow(bad);
    expect(() => cursors.decode('things', { tag: 'a' }, moved)).toThrow(bad);
  });

  test('is never what somebody made up', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), (cursor) => {
        expect(() => cursors.decode('things', {}, cursor)).toThrow(bad);
      }),
    );
  });

  test('that is left out means the first page', () => {
    expect(cursors.decode('things', {}, undefined)).toBeUndefined();
  });
});

test('a page shows `size` rows, and leads on only when there are more', () => {
  fc.assert(
    fc.property(fc.nat(30), fc.integer({ min: 1, max: 10 }), (total, size) => {
      const all = Array.from({ length: total }, (_, index) => index);
      const seen: number[] = [];
      for (let from = 0; ; ) {
        const page = pageOf(
          all.slice(from, from + size + 1),
          size,
          (row) => row,
          (row) => String(row),
        );
        expect(page.items.length).toBeLessThanOrEqual(size);
        seen.push(...page.items);
        if (page.next_page === undefined) break;
        from = Number(page.next_page) + 1;
      }
      expect(seen).toEqual(all);
    }),
  );
});
