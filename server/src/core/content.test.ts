import fc from 'fast-check';
import { expect, test } from 'vitest';
import { showContent } from './content.ts';

/** Reads a file as a caller does: piece by piece, on from where the piece before ended. */
function readAll(file: Buffer, size: number): { bytes: Buffer; encodings: Set<string> } {
  const parts: Buffer[] = [];
  const encodings = new Set<string>();
  for (let offset = 0; offset < file.length || parts.length === 0; ) {
    const end = Math.min(offset + size, file.length);
    const { encoding, content, bytes } = showContent(file.subarray(offset, end), end >= file.length);
    encodings.add(encoding);
    parts.push(Buffer.from(content, encoding === 'text' ? 'utf8' : 'base64'));
    offset += bytes;
    if (bytes === 0) break;
  }
  return { bytes: Buffer.concat(parts), encodings };
}

test('any file comes out as it is, in pieces of any size', () => {
  const bytes = fc.uint8Array({ maxLength: 200, size: 'max' }).map(Buffer.from);
  const text = fc.string({ unit: 'grapheme', maxLength: 60, size: 'max' }).map(Buffer.from);
  const mixed = fc.array(fc.oneof(text, fc.uint8Array({ maxLength: 3 }).map(Buffer.from)), { maxLength: 6 });
  fc.assert(
    fc.property(fc.oneof(bytes, mixed.map(Buffer.concat)), fc.integer({ min: 16, max: 60 }), (file, size) => {
      expect(readAll(file, size).bytes.equals(file)).toBe(true);
    }),
  );
});

test('text stays text, wherever it is cut', () => {
  const text = fc
    .string({ unit: 'grapheme', maxLength: 200, size: 'max' })
    .filter((one) => !one.includes('\0') && one.isWellFormed());
  fc.assert(
    fc.property(text, fc.integer({ min: 16, max: 60 }), (one, size) => {
      const { bytes, encodings } = readAll(Buffer.from(one), size);
      expect(bytes.toString()).toBe(one);
      expect([...encodings]).toEqual(['text']);
    }),
  );
});
