import fc from 'fast-check';
import { expect, test } from 'vitest';
import { clip } from './clip.ts';

test('a text that fits stays as it is', () => {
  expect(clip('short', 3, 5)).toEqual({ text: 'short', cut: 3 });
  expect(clip('', 0, 1)).toEqual({ text: '', cut: 0 });
});

test('a longer one keeps both ends, says what is missing, and is well formed', () => {
  expect(clip('0123456789', 2, 4)).toEqual({ text: '01\n[… 6 bytes left out …]\n89', cut: 8 });
  fc.assert(
    fc.property(
      fc.string({ unit: 'grapheme', maxLength: 60, size: 'max' }),
      fc.integer({ min: 2, max: 40 }),
      (text, chars) => {
        const clipped = clip(text, 0, chars);
        expect(clipped.text.isWellFormed()).toBe(true);
        if (text.length <= chars) expect(clipped).toEqual({ text, cut: 0 });
        else {
          const kept = clipped.text.replace(/\n\[… \d+ bytes left out …\]\n/, '');
          expect(Buffer.byteLength(kept) + clipped.cut).toBe(Buffer.byteLength(text));
        }
      },
    ),
  );
});
