import { type FileHandle, open } from 'node:fs/promises';

/** The vectors of the rows of some parts, in their order, as a file of 32-bit floats; all NaN where a row has none. */
export interface VectorFile {
  readonly path: string;
  readonly dimensions: number;
}

/** A file that is written from its beginning to its end. */
export async function createVectorFile(path: string, dimensions: number) {
  const handle = await open(path, 'wx', 0o600);
  const none = new Float32Array(dimensions).fill(Number.NaN);
  return {
    async add(vectors: readonly (Float32Array | null)[]): Promise<void> {
      const block = new Float32Array(vectors.length * dimensions);
      for (const [at, vector] of vectors.entries()) block.set(vector ?? none, at * dimensions);
      await handle.write(new Uint8Array(block.buffer));
    },
    close: () => handle.close(),
  };
}

/** Reads such a file from its beginning, some vectors at a time. */
export async function openVectorFile({ path, dimensions }: VectorFile) {
  const handle: FileHandle = await open(path);
  return {
    async take(count: number): Promise<(Float32Array | null)[]> {
      const block = new Float32Array(count * dimensions);
      const { bytesRead } = await handle.read(new Uint8Array(block.buffer));
      if (bytesRead !== block.byteLength) throw new RangeError('a file of vectors is shorter than its rows');
      return Array.from({ length: count }, (_, at) => {
        const vector = block.subarray(at * dimensions, (at + 1) * dimensions);
        return Number.isNaN(vector[0]) ? null : vector;
      });
    },
    close: () => handle.close(),
  };
}
