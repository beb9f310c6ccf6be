import { expect, test } from 'vitest';
import type { Frame } from './demux.ts';
import { joinLogLines } from './log-lines.ts';

async function join(...lines: [Frame['stream'], string][]): Promise<Record<Frame['stream'], string>> {
  async function* frames(): AsyncGenerator<Frame> {
    for (const [stream, text] of lines) {
      // However the connection cuts them.
      const data = Buffer.from(text);
      const at = Math.floor(Math.random() * data.length);
      yield { stream, data: data.subarray(0, at), last: false };
      yield { stream, data: data.subarray(at), last: true };
    }
  }
  const out = { stdout: '', stderr: '' };
  for await (const { stream, data } of joinLogLines(frames())) out[stream] += data;
  return out;
}

test('the last piece of a long line gets its newline, once there is more', async () => {
  const found = await join(
    ['stdout', '1 one'],
    ['stdout', '1  two'],
    ['stdout', '1 end'],
    // A line as long as the pieces are: its newline stood alone, and nothing is left of it.
    ['stdout', '2 exact'],
    ['stdout', '3 next\n'],
    ['stdout', '4 empty'],
    ['stdout', '4 '],
    ['stdout', '5 last'],
  );
  expect(found.stdout).toBe('one twoend\nexact\nnext\nempty\nlast');
});

test('whole lines, also those of engines that forget nothing, stay as they are', async () => {
  const found = await join(
    ['stdout', '1 a\n'],
    ['stderr', '2 long'],
    ['stdout', '3 \n'],
    ['stderr', '2 line\n'],
    ['stdout', '4 cut'],
  );
  expect(found).toEqual({ stdout: 'a\n\ncut', stderr: 'longline\n' });
});
