import { once } from 'node:events';
import { PassThrough, type Readable } from 'node:stream';
import pg from 'pg';

/** What the driver gives to a query that copies; its types do not tell. */
interface Wire {
  readonly stream: NodeJS.WritableStream & { readonly writableNeedDrain: boolean; pause(): void; resume(): void };
  sendCopyFromChunk(chunk: Uint8Array): void;
  endCopyFrom(): void;
  sendCopyFail(message: string): void;
}

interface CopyHandlers {
  readonly onData?: (chunk: Buffer, wire: Wire) => void;
  readonly onReady?: (wire: Wire) => void;
}

/** Begins `COPY … TO STDOUT`: its bytes, and how many rows they were. */
export function copyOut(client: pg.Client, text: string): { readonly bytes: Readable; readonly rows: Promise<number> } {
  const bytes = new PassThrough();
  const rows = runCopy(client, text, {
    onData(chunk, wire) {
      if (bytes.write(chunk)) return;
      wire.stream.pause();
      bytes.once('drain', () => wire.stream.resume());
    },
  });
  rows.then(
    () => bytes.end(),
    (error: Error) => bytes.destroy(error),
  );
  return { bytes, rows };
}

/** Runs `COPY … FROM STDIN` with these bytes; answers how many rows they were. */
export async function copyIn(client: pg.Client, text: string, source: AsyncIterable<Uint8Array>): Promise<number> {
  let failed: unknown;
  const send = async (wire: Wire) => {
    try {
      for await (const chunk of source) {
        wire.sendCopyFromChunk(chunk);
        if (wire.stream.writableNeedDrain) await once(wire.stream, 'drain');
      }
      wire.endCopyFrom();
    } catch (error) {
      failed = error;
      wire.sendCopyFail('the source broke off');
    }
  };
  try {
    return await runCopy(client, text, { onReady: (wire) => void send(wire) });
  } catch (error) {
    throw failed ?? error;
  }
}

function runCopy(client: pg.Client, text: string, { onData, onReady }: CopyHandlers): Promise<number> {
  return new Promise((resolve, reject) => {
    const query = new pg.Query(text);
    Object.assign(query, {
      callback: (error: Error | null, result?: pg.QueryResult) =>
        error ? reject(error) : resolve(result?.rowCount ?? 0),
      handleCopyData: ({ chunk }: { chunk: Buffer }, wire: Wire) => onData?.(chunk, wire),
      handleCopyInResponse: (wire: Wire) => onReady?.(wire),
    });
    client.query(query);
  });
}
