/** A piece of what a container wrote. */
export interface Frame {
  readonly stream: 'stdout' | 'stderr';
  readonly data: Buffer;
  /** Whether it is the last piece of what the engine sent as one. */
  readonly last: boolean;
}

/**
 * Takes the engine's multiplexed stream apart: a header of 8 bytes (stream, three zeros, big-endian length), then the data.
 * Data goes on as it comes, never collected, and only as fast as it is taken. What is no such stream throws.
 */
export async function* demux(chunks: AsyncIterable<Buffer>): AsyncGenerator<Frame> {
  let header: Buffer = Buffer.alloc(0);
  let stream: Frame['stream'] | undefined;
  let missing = 0;
  for await (const chunk of chunks) {
    for (let rest: Buffer = chunk; rest.length > 0; ) {
      if (missing === 0) {
        const taken = rest.subarray(0, 8 - header.length);
        rest = rest.subarray(taken.length);
        header = Buffer.concat([header, taken]);
        if (header.length < 8) continue;
        stream = streamOf(header);
        missing = header.readUInt32BE(4);
        header = Buffer.alloc(0);
        continue;
      }
      const data = rest.subarray(0, missing);
      rest = rest.subarray(data.length);
      missing -= data.length;
      if (stream) yield { stream, data, last: missing === 0 };
    }
  }
}

/** Undefined for the echo of stdin. */
function streamOf(header: Buffer): Frame['stream'] | undefined {
  if (header[1] !== 0 || header[2] !== 0 || header[3] !== 0) throw new Error('not a multiplexed stream of Docker');
  if (header[0] === 1) return 'stdout';
  if (header[0] === 2) return 'stderr';
  if (header[0] === 0) return undefined;
  throw new Error('not a multiplexed stream of Docker');
}
