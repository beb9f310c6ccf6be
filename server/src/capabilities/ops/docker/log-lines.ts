import type { Frame } from './demux.ts';

/**
 * What a container wrote, from a log read with timestamps. A log is made of lines; long ones come in pieces that bear the time of
 * the first. Engines before 24 forget the newline at their end: it is put back where the next piece bears another time. The very
 * last line may have none, when a kill cut it off.
 */
export async function* joinLogLines(frames: AsyncIterable<Frame>): AsyncGenerator<Frame> {
  /** Of each stream the time of the line that no newline ended yet. */
  const open: Record<Frame['stream'], string | undefined> = { stdout: undefined, stderr: undefined };
  let pieces: Buffer[] = [];
  for await (const { stream, data, last } of frames) {
    pieces.push(data);
    if (!last) continue;
    const whole = Buffer.concat(pieces);
    pieces = [];
    const space = whole.indexOf(' ');
    const time = whole.toString('latin1', 0, space);
    if (open[stream] !== undefined && open[stream] !== time) yield { stream, data: Buffer.from('\n'), last };
    yield { stream, data: whole.subarray(space + 1), last };
    open[stream] = whole.at(-1) === 0x0a ? undefined : time;
  }
}
