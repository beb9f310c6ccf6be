import { expect, test } from 'vitest';
import { z } from 'zod';
import { type Page, pagesOf, readPage } from './pages.ts';

const item = z.object({ id: z.string() });
type Item = z.output<typeof item>;

async function walked(pages: readonly (readonly (string | number)[])[], total: number | null, maxPages = 10) {
  const asked: number[] = [];
  const read: Page<Item>[] = [];
  const ask = async (page: number) => {
    asked.push(page);
    const results = (pages[page - 1] ?? []).map((id) => ({ id }));
    return readPage(item, { total, results }, 'GET /x');
  };
  for await (const page of pagesOf(ask, { maxPages })) read.push(page);
  return {
    asked: asked.length,
    ids: read.flatMap(({ items }) => items.map(({ id }) => id)).join(''),
    unreadable: read.reduce((sum, page) => sum + page.unreadable, 0),
    capped: read.at(-1)?.capped,
  };
}

test('it stops at the total, or at an empty page where the total is not said', async () => {
  const pages = [['a', 'b'], ['c', 'd'], ['e']];
  expect(await walked(pages, 5)).toEqual({ asked: 3, ids: 'abcde', unreadable: 0, capped: false });
  expect(await walked(pages, null)).toEqual({ asked: 4, ids: 'abcde', unreadable: 0, capped: false });
  expect(await walked([[]], 99)).toEqual({ asked: 1, ids: '', unreadable: 0, capped: false });
});

test('what moved to the next page meanwhile is answered once', async () => {
  expect(await walked([['a', 'b'], ['b', 'c'], ['d']], 5)).toMatchObject({ ids: 'abcd' });
});

test('a server that answers the first page for ever is left, and one that never ends is capped', async () => {
  const same = Array.from({ length: 20 }, () => ['a', 'b']);
  expect(await walked(same, 1000)).toMatchObject({ asked: 2, ids: 'ab', capped: false });
  const endless = Array.from({ length: 20 }, (_, at) => [String.fromCharCode(97 + at)]);
  expect(await walked(endless, 1000, 3)).toEqual({ asked: 3, ids: 'abc', unreadable: 0, capped: true });
});

test('items without an id are counted, and the others stay', async () => {
  expect(
    await walked(
      [
        ['a', 7],
        [8, 'b'],
      ],
      4,
    ),
  ).toEqual({ asked: 2, ids: 'ab', unreadable: 2, capped: false });
});

test('what is no page is refused', () => {
  for (const body of [null, [], 'x', {}, { results: 'x' }]) {
    expect(() => readPage(item, body, 'GET /x')).toThrow(expect.objectContaining({ code: 'ORCHESTRA_BAD_ANSWER' }));
  }
  expect(readPage(item, { total: 'many', results: [] }, 'GET /x').total).toBeNull();
});
