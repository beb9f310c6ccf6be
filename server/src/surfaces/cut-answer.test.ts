import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cutAnswer } from './cut-answer.ts';

// biome-ignore lint/suspicious/noExplicitAny: read as plain JSON
type Json = any;
const max = 10_000;
const size = (value: unknown) => JSON.stringify(value).length;

test('an answer that is short enough stays as it is', () => {
  const answer = { success: true, text: 'x'.repeat(9900) };
  expect(cutAnswer(answer, max)).toBe(answer);
});

test('of long texts the middle goes, and the answer says which and how much', () => {
  const steps = [
    { stdout: `begin${'a'.repeat(50_000)}end`, stderr: '' },
    { stdout: 'short', stderr: '' },
  ];
  const cut: Json = cutAnswer({ success: true, steps }, max);
  expect(size(cut)).toBeLessThanOrEqual(max);
  expect(cut.success).toBe(true);
  expect(cut.steps[1]).toEqual(steps[1]);
  const { stdout } = cut.steps[0];
  expect(stdout).toMatch(/^begina+\n\[… \d+ characters left out …\]\na+end$/);
  const { kept } = cut.cut.fields[0];
  expect(stdout).toContain(`… ${50_008 - kept} characters`);
  expect(cut.cut).toMatchObject({ count: 1, fields: [{ field: 'steps.0.stdout', length: 50_008 }] });
  expect(cut.cut.note).toContain('max_bytes');
});

test('of long lists of short things the end goes', () => {
  const cut: Json = cutAnswer(
    { items: Array.from({ length: 5000 }, (_, n) => ({ name: `file-${n}` })), total: 5000 },
    max,
  );
  expect(size(cut)).toBeLessThanOrEqual(max);
  const { kept } = cut.cut.fields[0];
  expect(cut.items).toHaveLength(kept);
  expect(cut.items.at(-1)).toEqual({ name: `file-${kept - 1}` });
  expect(cut.cut.fields).toEqual([{ field: 'items', length: 5000, kept }]);
  expect(cut.total).toBe(5000);
});

test('of an answer with too many members the largest goes as a whole', () => {
  const metadata = Object.fromEntries(Array.from({ length: 5000 }, (_, n) => [`key_${n}`, n]));
  const cut: Json = cutAnswer({ success: true, job_id: 'a', metadata }, max);
  expect(cut).toEqual({
    success: true,
    job_id: 'a',
    cut: expect.objectContaining({ fields: [{ field: 'metadata', length: size(metadata), kept: 0 }] }),
  });
});

test('cursors, ids and URLs stay whole, however long the rest is', () => {
  const next_page = 'c'.repeat(1500);
  const items = Array.from({ length: 300 }, (_, n) => ({ url: `https://tutti.example.com/${'u'.repeat(500)}/${n}` }));
  const cut: Json = cutAnswer({ items, next_page, text: 'x'.repeat(50_000) }, max);
  expect(size(cut)).toBeLessThanOrEqual(max);
  expect(cut.next_page).toBe(next_page);
  expect(cut.items.length).toBeGreaterThan(0);
  expect(cut.items).toEqual(items.slice(0, cut.items.length));
  expect(cut.cut.fields.map(({ field }: Json) => field)).toEqual(['text', 'items']);
});

test('every answer becomes short enough, stays JSON, and tells of each cut', () => {
  const most = 10_000;
  const short = fc.string({ unit: 'binary', maxLength: 20 });
  const times = fc.nat({ max: 3000 });
  const text = fc.tuple(short, times).map(([one, n]) => one.repeat(n));
  const list = fc.tuple(short, times).map(([name, n]) => Array.from({ length: n }, () => ({ name })));
  const members = fc
    .tuple(short, times)
    .map(([key, n]) => Object.fromEntries(Array.from({ length: n }, (_, at) => [`${key}${at}`, at])));
  const answers = fc.dictionary(text, fc.oneof(text, list, members, fc.array(text, { maxLength: 5 })), { maxKeys: 4 });
  fc.assert(
    fc.property(answers, (answer) => {
      const cut: Json = cutAnswer(answer, most);
      expect(size(cut)).toBeLessThanOrEqual(most);
      if (size(answer) > most) expect(cut.cut.count).toBeGreaterThan(0);
    }),
    { numRuns: 50 },
  );
});
