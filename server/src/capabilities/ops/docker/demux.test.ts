import fc from 'fast-check';
import { expect, test } from 'vitest';
import { demux, type Frame } from './demux.ts';

const frame = (type: number, data: Uint8Array) => {
  const header = Buffer.alloc(8);
  header[0] = type;
  header.writeUInt32BE(data.length, 4);
  return Buffer.concat([header, data]);
};

async function* cut(bytes: Buffer, lengths: readonly number[]): AsyncGenerator<Buffer> {
  let at = 0;
  for (const length of [...lengths, bytes.length]) {
    yield bytes.subarray(at, at + length);
    at += length;
  }
}

async function read(chunks: AsyncIterable<Buffer>): Promise<Record<Frame['stream'], string>> {
  const out = { stdout: '', stderr: '' };
  for await (const { stream, data } of demux(chunks)) out[stream] += data.toString('latin1');
  return out;
}

test('each stream has its bytes, however the connection cuts them', async () => {
  const frames = fc.array(fc.tuple(fc.constantFrom(0, 1, 2), fc.uint8Array({ maxLength: 20 })), { maxLength: 10 });
  await fc.assert(
    fc.asyncProperty(frames, fc.array(fc.nat(12)), async (all, lengths) => {
      const bytes = Buffer.concat(all.map(([type, data]) => frame(type, data)));
      const of = (type: number) =>
        Buffer.concat(all.filter(([kind]) => kind === type).map(([, data]) => data)).toString('latin1');
      expect(await read(cut(bytes, lengths))).toEqual({ stdout: of(1), stderr: of(2) });
    }),
  );
});

test.each([Buffer.from('plain text, no frames'), Buffer.from([3, 0, 0, 0, 0, 0, 0, 1, 65])])(
  'what is no such stream is refused (%#)',
  async (bytes) => {
    await expect(read(cut(bytes, []))).rejects.toThrow('not a multiplexed stream');
  },
);

test('what is taken slowly is asked for slowly', async () => {
  let asked = 0;
  async function* endless() {
    for (;;) {
      asked += 1;
      yield frame(1, Buffer.alloc(1000));
    }
  }
  const frames = demux(endless());
  for (let taken = 0; taken < 5; taken += 1) await frames.next();
  expect(asked).toBe(5);
  await frames.return(undefined);
});
