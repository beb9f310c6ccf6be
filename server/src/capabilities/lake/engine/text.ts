import { readLines } from './lines.ts';

/** A paragraph, or a piece of a long one, and the line on which it starts. */
export interface TextChunk {
  readonly line: number;
  readonly text: string;
  readonly bad: boolean;
}

const MAX_CHARS = 2000;
const HEADING = /^#{1,6}\s/;

/**
 * Cuts a text into paragraphs of at most about 2,000 characters. A heading starts a chunk and stays with what follows.
 * Lines that are no UTF-8 come out one by one as `bad`.
 */
export async function* readText(path: string): AsyncGenerator<TextChunk[]> {
  let open: string[] = [];
  let size = 0;
  let start = 0;
  let chunks: TextChunk[] = [];
  const flush = () => {
    const text = open.join('\n').trim();
    if (text !== '') chunks.push({ line: start, text, bad: false });
    open = [];
    size = 0;
  };
  for await (const { lines, first, bad } of readLines(path)) {
    for (const [index, raw] of lines.entries()) {
      const line = raw.trimEnd();
      if (bad.has(index)) {
        flush();
        chunks.push({ line: first + index, text: line, bad: true });
        continue;
      }
      if (line === '') {
        if (!open.every((text) => text === '' || HEADING.test(text))) flush();
        continue;
      }
      if (HEADING.test(line) || size + line.length > MAX_CHARS) flush();
      for (const piece of pieces(line)) {
        if (size > 0 && size + piece.length > MAX_CHARS) flush();
        if (open.length === 0) start = first + index;
        open.push(piece);
        size += piece.length + 1;
      }
    }
    yield chunks;
    chunks = [];
  }
  flush();
  yield chunks;
}

function pieces(line: string): string[] {
  if (line.length <= MAX_CHARS) return [line];
  const out: string[] = [];
  for (let from = 0; from < line.length; ) {
    let to = Math.min(line.length, from + MAX_CHARS);
    const space = to < line.length ? line.lastIndexOf(' ', to) : -1;
    if (space > from + MAX_CHARS / 2) to = space;
    else if (to < line.length && /[\ud800-\udbff]/.test(line[to - 1] ?? '')) to--;
    out.push(line.slice(from, to).trim());
    from = to;
  }
  return out;
}
