import { PassThrough, Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { readJsonLines } from './json-lines.ts';

const read = async (stream: Readable) => {
  const values: unknown[] = [];
  for await (const value of readJsonLines(stream)) values.push(value);
  return values;
};

test('values come one by one, wherever the chunks end', async () => {
  const text = Buffer.from('{"a":"ü"}\n\n{"b":2}\r\n{"c":3}');
  for (let at = 0; at <= text.length; at += 1)
    expect(await read(Readable.from([text.subarray(0, at), text.subarray(at)]))).toEqual([
      { a: 'ü' },
      { b: 2 },
      { c: 3 },
    ]);
});

test('a stream that is destroyed is no silence', async () => {
  const stream = new PassThrough();
  stream.write('{"a":1}\n');
  const reading = read(stream);
  reading.catch(() => undefined);
  await sleep(10);
  stream.destroy();
  await expect(reading).rejects.toThrow();
});
