export interface HttpAnswer {
  readonly status: number;
  readonly body: Buffer;
  /** Where the answer ends in the buffer. */
  readonly end: number;
}

/** Reads one HTTP/1.1 answer from the start of a buffer; undefined while it is not whole. */
export function readAnswer(buffer: Buffer): HttpAnswer | undefined {
  const headEnd = buffer.indexOf('\r\n\r\n');
  if (headEnd < 0) return undefined;
  const head = buffer.toString('latin1', 0, headEnd);
  const status = Number(head.slice(9, 12));
  const start = headEnd + 4;
  const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
  if (length === undefined) return readChunks(buffer, start, status);
  const end = start + Number(length);
  return buffer.length < end ? undefined : { status, body: buffer.subarray(start, end), end };
}

function readChunks(buffer: Buffer, start: number, status: number): HttpAnswer | undefined {
  const parts: Buffer[] = [];
  for (let at = start; ; ) {
    const lineEnd = buffer.indexOf('\r\n', at);
    if (lineEnd < 0) return undefined;
    const size = Number.parseInt(buffer.toString('latin1', at, lineEnd), 16);
    const from = lineEnd + 2;
    at = from + size + 2;
    if (Number.isNaN(size)) throw new Error('an answer has neither content-length nor chunks');
    if (buffer.length < at) return undefined;
    if (size === 0) return { status, body: Buffer.concat(parts), end: at };
    parts.push(buffer.subarray(from, from + size));
  }
}
