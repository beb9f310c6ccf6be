const newline = 10;
/** What is kept of a line that is too long: enough to find whose answer it is, wherever its id stands. */
const kept = 512;

export interface LineReader {
  push(chunk: Buffer): void;
}

export interface LineSink {
  line(text: string): void;
  /** A line longer than `max` has ended; these are its beginning and its end. */
  tooLong(head: string, tail: string): void;
}

/** Cuts a stream into lines and holds at most `max` bytes of one; of a longer one only the ends are kept. */
export function readLines(max: number, sink: LineSink): LineReader {
  let parts: Buffer[] = [];
  let size = 0;
  let head: Buffer | undefined;

  function add(part: Buffer): void {
    if (part.length === 0) return;
    size += part.length;
    parts.push(part);
    if (size <= max) return;
    const all = Buffer.concat(parts);
    head ??= Buffer.from(all.subarray(0, kept));
    parts = [Buffer.from(all.subarray(-kept))];
  }

  function end(): void {
    const all = parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts);
    if (head) sink.tooLong(head.toString(), all.subarray(-kept).toString());
    else sink.line(all.toString().replace(/\r$/, ''));
    parts = [];
    size = 0;
    head = undefined;
  }

  return {
    push(chunk) {
      let from = 0;
      for (let at = chunk.indexOf(newline); at >= 0; at = chunk.indexOf(newline, from)) {
        add(chunk.subarray(from, at));
        end();
        from = at + 1;
      }
      add(chunk.subarray(from));
    },
  };
}
