/** The part of a log that tells most. */
export interface Excerpt {
  readonly text: string;
  /** The one line that says what went wrong; the last line where no line does. */
  readonly line: string;
  /** A line says that something went wrong; else it is the end of the log alone. */
  readonly marked: boolean;
  /** There is more of the log. */
  readonly cut: boolean;
}

const harmless =
  /\b(?:0|no|without)\s(?:errors?|failures?|failed|exceptions?)\b|\b(?:errors?|failed|failures?)(?:\s?=\s?\d|\s?:\s?0\b)/i;
const strong =
  /\b(?:ERROR|FATAL|CRITICAL|PANIC)\b|\b[A-Z]\w{0,80}(?:Error|Exception)\b\s?:|\b(?:database|runtime|compilation|parsing|syntax|internal|connection|authentication|permission|fatal) error\b|\b(?:error|caused by|fatal|panic|exception):/i;
const weak =
  /\b(?:errors?|failed|failure|exception|denied|refused|forbidden|unauthori[sz]ed|timed out|timeout|killed|abort(?:ed)?|cannot|could not|unable to)\b/i;
const trace = /^Traceback \(most recent call last\)/;
/** What loggers put before a line. */
const stamp =
  /^(?:\[?\d{4}-\d{2}-\d{2}[T ]?)?\[?\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d{1,9})?)?(?:Z|[+-]\d{2}:?\d{2})?\]?\s{1,8}/;

const linesBefore = 8;
const linesAfter = 12;
const maxTrace = 40;
const maxLine = 600;
const maxJoined = 4;

/** The lines around the last one that tells of an error, at most `maxChars` characters; the end of the log where none does. */
export function excerptOf(lines: readonly string[], maxChars: number): Excerpt {
  const said = lines.filter((line) => line.trim() !== '');
  const at = lastMatching(said, strong) ?? lastMatching(said, weak);
  const mark = at ?? said.length - 1;
  const from = at === undefined ? mark - linesBefore - linesAfter : Math.min(beginOfTrace(said, at), at - linesBefore);
  const first = Math.max(0, from);
  const last = Math.min(said.length - 1, mark + (at === undefined ? 0 : linesAfter));
  const { begin, end } = widest(said, { mark, first, last }, maxChars);
  return {
    text: said
      .slice(begin, end + 1)
      .map(short)
      .join('\n'),
    line: headline(short(said[mark] ?? '')),
    marked: at !== undefined,
    cut: begin > 0 || end < said.length - 1,
  };
}

/** The line without its time, on one line and bounded. */
export function headline(text: string, max = 300): string {
  const line = text.replace(stamp, '').replace(/\s+/g, ' ').trim();
  return line.length > max ? `${line.slice(0, max)}…`.toWellFormed() : line;
}

/** What a message says went wrong, on one line: from the line on that tells of an error. */
export function tellingLine(message: string): string {
  const lines = message.split('\n').filter((line) => line.trim() !== '');
  const at = [strong, weak]
    .map((form) => lines.findIndex((line) => form.test(short(line))))
    .find((found) => found >= 0);
  return headline(
    lines
      .slice(at ?? 0, (at ?? 0) + maxJoined)
      .map(short)
      .join(' '),
  );
}

function lastMatching(lines: readonly string[], form: RegExp): number | undefined {
  const at = lines.findLastIndex((line) => form.test(short(line)) && !harmless.test(short(line)));
  return at < 0 ? undefined : at;
}

/** The first line of the trace that ends here; the line itself where none does. */
function beginOfTrace(lines: readonly string[], at: number): number {
  for (let line = at - 1; line >= Math.max(0, at - maxTrace); line -= 1) {
    if (trace.test(lines[line] ?? '')) return line;
    if (!/^\s/.test(lines[line] ?? '')) return at;
  }
  return at;
}

/** As much as fits, from the mark outwards: its line first, then what stands before and after it in turns. */
function widest(
  lines: readonly string[],
  { mark, first, last }: { mark: number; first: number; last: number },
  maxChars: number,
) {
  let begin = Math.max(0, mark);
  let end = begin;
  let room = maxChars - short(lines[begin] ?? '').length;
  for (let grew = true; grew; ) {
    grew = false;
    const above = begin > first ? short(lines[begin - 1] ?? '').length + 1 : undefined;
    if (above !== undefined && above <= room) {
      begin -= 1;
      room -= above;
      grew = true;
    }
    const below = end < last ? short(lines[end + 1] ?? '').length + 1 : undefined;
    if (below !== undefined && below <= room) {
      end += 1;
      room -= below;
      grew = true;
    }
  }
  return { begin, end };
}

/** A line that goes on for ever, around what it says of an error. */
function short(line: string): string {
  if (line.length <= maxLine) return line;
  const found = line.slice(0, 100_000).search(strong);
  const from = Math.max(0, found - maxLine / 3);
  return `${from > 0 ? '…' : ''}${line.slice(from, from + maxLine)}…`.toWellFormed();
}
