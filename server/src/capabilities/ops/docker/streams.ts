import type { Duplex, Readable } from 'node:stream';
import { noContainer } from '../errors.ts';
import type { Engine } from './client.ts';
import { demux, type Frame } from './demux.ts';
import { engineCall } from './failure.ts';
import { joinLogLines } from './log-lines.ts';

const notFound = (id: string) => (status: number) => (status === 404 ? noContainer(id) : undefined);

/** A connection to the main process of a container. */
export interface Attached {
  /** Resolves once the text went out; rejects when the connection is gone. */
  write(text: string): Promise<void>;
  /** What it writes from now on; ends when it ends or the connection breaks. Read it once. */
  readonly frames: AsyncIterable<Frame>;
  /** Leaves; the container goes on. */
  close(): void;
}

/** Attaches to stdin and, unless told otherwise, to the output from now on. */
export async function attach(engine: Engine, id: string, options: { readonly output: boolean }): Promise<Attached> {
  const { output } = options;
  const socket = (await engineCall(
    engine,
    () =>
      engine.docker
        .getContainer(id)
        .attach({ stream: true, hijack: true, stdin: true, stdout: output, stderr: output, logs: false }),
    notFound(id),
  )) as Duplex;
  // A broken connection shows as the end of the frames, or in the next write.
  socket.on('error', () => undefined);
  return {
    write: (text) =>
      new Promise((resolve, reject) => {
        socket.write(text, (error) => (error ? reject(error) : resolve()));
      }),
    frames: demux(quietly(socket)),
    close: () => void socket.destroy(),
  };
}

/** What a container wrote from its start on, then, with `follow`, what it writes until it ends or the connection breaks. */
export async function* readLogs(
  engine: Engine,
  id: string,
  options: { readonly follow: boolean; readonly signal?: AbortSignal | undefined },
): AsyncGenerator<Frame> {
  const stream = await engineCall(engine, () => openLogs(engine, id, options.follow), notFound(id));
  const stop = () => stream.destroy();
  options.signal?.addEventListener('abort', stop);
  if (options.signal?.aborted) stop();
  try {
    yield* joinLogLines(demux(quietly(stream)));
  } finally {
    options.signal?.removeEventListener('abort', stop);
    stream.destroy();
  }
}

/** The last lines that a container has written by now, of both streams, as they came. */
export async function* readTail(engine: Engine, id: string, lines: number): AsyncGenerator<Frame> {
  const stream = await engineCall(engine, () => openLogs(engine, id, false, lines), notFound(id));
  try {
    yield* joinLogLines(demux(quietly(stream)));
  } finally {
    stream.destroy();
  }
}

/** The same of a container with a terminal: one stream, with its time before each line. */
export async function* readRawTail(engine: Engine, id: string, lines: number): AsyncGenerator<Frame> {
  const stream = await engineCall(engine, () => openLogs(engine, id, false, lines), notFound(id));
  try {
    for await (const data of quietly(stream)) yield { stream: 'stdout', data, last: true };
  } finally {
    stream.destroy();
  }
}

/** Not by the library's own call, which collects in memory what is not followed. */
function openLogs(engine: Engine, id: string, follow: boolean, lines?: number): Promise<Readable> {
  const statusCodes = { 200: true, 404: 'no such container', 409: 'being removed', 500: 'server error' };
  const query = `stdout=1&stderr=1&timestamps=1&follow=${follow ? 1 : 0}&tail=${lines ?? 'all'}`;
  const path = `/containers/${encodeURIComponent(id)}/logs?${query}`;
  return new Promise((resolve, reject) => {
    engine.docker.modem.dial({ path, method: 'GET', isStream: true, statusCodes }, (error, stream) =>
      error ? reject(error as Error) : resolve(stream as Readable),
    );
  });
}

/** The chunks of a stream, which stays open when the reader leaves. A connection that breaks is an end: the engine knows why. */
async function* quietly(stream: Readable): AsyncGenerator<Buffer> {
  try {
    yield* stream.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>;
  } catch {
    // Ended.
  }
}
