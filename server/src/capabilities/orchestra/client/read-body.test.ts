import { expect, test } from 'vitest';
import { readFrom, readTail, readUpTo } from './read-body.ts';

/** A body without an end, `abcabc…`, and whether its reader let go of it. */
function endless() {
  let canceled = false;
  const stream = new ReadableStream<Uint8Array>({
    pull: (controller) => controller.enqueue(Buffer.from('abc')),
    cancel: () => {
      canceled = true;
    },
  });
  return { response: new Response(stream), left: () => canceled };
}
const text = ({ bytes, ...rest }: { bytes: Buffer; more: boolean }) => ({ text: bytes.toString(), ...rest });

test('a body is read as far as is wanted, and then left', async () => {
  const first = endless();
  expect(text(await readUpTo(first.response, 7))).toEqual({ text: 'abcabca', more: true });
  const middle = endless();
  expect(text(await readFrom(middle.response, 4, 4))).toEqual({ text: 'bcab', more: true });
  const last = endless();
  expect(text(await readTail(last.response, 4, 10))).toEqual({ text: 'cabc', start: 8, more: true });
  expect([first.left(), middle.left(), last.left()]).toEqual([true, true, true]);
});

test('a body that ends is read to its end', async () => {
  const whole = () => new Response('0123456789');
  expect(text(await readUpTo(whole(), 10))).toEqual({ text: '0123456789', more: false });
  expect(text(await readFrom(whole(), 8, 5))).toEqual({ text: '89', more: false });
  expect(text(await readFrom(whole(), 20, 5))).toEqual({ text: '', more: false });
  expect(text(await readTail(whole(), 3, 100))).toEqual({ text: '789', start: 7, more: false });
  expect(text(await readTail(whole(), 30, 100))).toEqual({ text: '0123456789', start: 0, more: false });
  expect(text(await readUpTo(new Response(null), 5))).toEqual({ text: '', more: false });
});
