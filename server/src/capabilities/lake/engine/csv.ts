import { type LineBatch, readLines } from './lines.ts';
import type { RejectReason } from './protocol.ts';

/** One record of a CSV file: its fields, or why it is broken. `raw` is its text for people. */
export interface CsvRecord {
  readonly line: number;
  readonly raw: string;
  readonly fields: string[];
  readonly broken?: RejectReason;
}

type Parsed =
  | { readonly fields: string[]; readonly next: number }
  | { readonly broken: RejectReason }
  | { readonly incomplete: true };

const DELIMITERS = [',', '\t', ';', '|'];
const SNIFFED_RECORDS = 200;
/** A quoted value that runs on for longer than this is a stray quote, not a value. */
const MAX_RECORD_CHARS = 4 << 20;

/** Finds the delimiter under which most of the first records have as many fields as the first one. */
export async function sniffDelimiter(path: string): Promise<string> {
  let best = { delimiter: ',', score: 0, width: 1 };
  for await (const batch of readLines(path)) {
    for (const delimiter of DELIMITERS) {
      const records = [...recordsOf(batch, delimiter, true, SNIFFED_RECORDS)].filter((record) => !record.broken);
      const width = records[0]?.fields.length ?? 0;
      const score = records.filter((record) => record.fields.length === width).length;
      if (width > 1 && (score > best.score || (score === best.score && width > best.width)))
        best = { delimiter, score, width };
    }
    break;
  }
  return best.delimiter;
}

/**
 * Splits a CSV file into records, in order, blank lines left out. Every non-blank physical line ends up in exactly one
 * record: where a quote is never closed or closed in the middle of a value, only the line on which the record began
 * is broken, and reading goes on with the next one, so that one stray quote cannot swallow the rest of the file.
 */
export async function* readCsv(path: string, delimiter: string): AsyncGenerator<CsvRecord[]> {
  let pending: LineBatch | undefined;
  for await (const batch of readLines(path)) {
    const joined: LineBatch = pending ? join(pending, batch) : batch;
    pending = undefined;
    const records: CsvRecord[] = [];
    const parts = recordsOf(joined, delimiter, false);
    let part = parts.next();
    for (; !part.done; part = parts.next()) records.push(part.value);
    if (part.value < joined.lines.length) pending = tail(joined, part.value);
    yield records;
  }
  if (pending) yield [...recordsOf(pending, delimiter, true)];
}

/** Yields the complete records of a batch and returns the index of the first line that is not in one. */
function* recordsOf(
  batch: LineBatch,
  delimiter: string,
  final: boolean,
  max = Number.POSITIVE_INFINITY,
): Generator<CsvRecord, number> {
  const { lines, first, bad } = batch;
  let at = 0;
  for (let count = 0; at < lines.length && count < max; ) {
    const start = lines[at] as string;
    if (start === '' || start === '\r') {
      at++;
      continue;
    }
    count++;
    const parsed = parseRecord(lines, at, delimiter);
    if ('incomplete' in parsed && !final && !tooLong(lines, at)) return at;
    const next = 'next' in parsed ? parsed.next : at + 1;
    const raw = next === at + 1 ? withoutReturn(start) : lines.slice(at, next).join('\n');
    const line = first + at;
    if (bad.size > 0 && anyBad(bad, at, next)) yield { line, raw, fields: [], broken: 'invalid_encoding' };
    else if ('fields' in parsed) yield { line, raw, fields: parsed.fields };
    else yield { line, raw, fields: [], broken: 'broken' in parsed ? parsed.broken : 'unclosed_quote' };
    at = next;
  }
  return at;
}

function parseRecord(lines: readonly string[], at: number, delimiter: string): Parsed {
  let line = lines[at] as string;
  if (!line.includes('"')) return { fields: withoutReturn(line).split(delimiter), next: at + 1 };
  const fields: string[] = [];
  let index = at;
  let from = 0;
  for (;;) {
    if (line[from] !== '"') {
      const end = line.indexOf(delimiter, from);
      if (end < 0) {
        fields.push(withoutReturn(line.slice(from)));
        return { fields, next: index + 1 };
      }
      fields.push(line.slice(from, end));
      from = end + 1;
      continue;
    }
    let value = '';
    from++;
    for (;;) {
      const quote = line.indexOf('"', from);
      if (quote < 0) {
        value += `${line.slice(from)}\n`;
        index++;
        if (index >= lines.length || value.length > MAX_RECORD_CHARS) return { incomplete: true };
        line = lines[index] as string;
        from = 0;
      } else if (line[quote + 1] === '"') {
        value += line.slice(from, quote + 1);
        from = quote + 2;
      } else {
        value += line.slice(from, quote);
        from = quote + 1;
        break;
      }
    }
    fields.push(value);
    if (from === line.length || (line[from] === '\r' && from === line.length - 1)) return { fields, next: index + 1 };
    if (line[from] !== delimiter) return { broken: 'unquoted_value' };
    from++;
  }
}

function withoutReturn(line: string): string {
  return line.endsWith('\r') ? line.slice(0, -1) : line;
}

function tooLong(lines: readonly string[], at: number): boolean {
  let size = 0;
  for (let index = at; index < lines.length && size <= MAX_RECORD_CHARS; index++)
    size += (lines[index] as string).length + 1;
  return size > MAX_RECORD_CHARS;
}

function anyBad(bad: ReadonlySet<number>, from: number, to: number): boolean {
  for (let index = from; index < to; index++) if (bad.has(index)) return true;
  return false;
}

function join(head: LineBatch, rest: LineBatch): LineBatch {
  const bad = new Set(head.bad);
  for (const index of rest.bad) bad.add(index + head.lines.length);
  return { lines: head.lines.concat(rest.lines), first: head.first, bad };
}

function tail(batch: LineBatch, from: number): LineBatch {
  const bad = new Set<number>();
  for (const index of batch.bad) if (index >= from) bad.add(index - from);
  return { lines: batch.lines.slice(from), first: batch.first + from, bad };
}
