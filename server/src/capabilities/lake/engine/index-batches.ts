import type { Table as ArrowTable } from 'apache-arrow';
import { openReader } from './duckdb.ts';
import type { IndexOps, ObjectReject, RowPart } from './index-protocol.ts';
import { createBatch } from './index-rows.ts';
import { loadArrow } from './load-arrow.ts';
import { canPack, measureRows, packRows } from './packed-rows.ts';
import { KEPT_REJECTS } from './protocol.ts';
import { readRows } from './table-rows.ts';
import { openVectorFile } from './vector-file.ts';

const BATCH_ROWS = 50_000;
const BATCH_CHARS = 32 << 20;
/** Of a packed batch, and the part of the memory that it may take: it is held several times over. */
const BATCH_BYTES = 64 << 20;
const BATCH_SHARE = 1 / 32;
const MOST_ROWS = 250_000;

type Input = IndexOps['index_write']['input'];

/** Rows on their way into an index. Of rows with the same id it has the last one; `given` counts the others as well. */
export interface IndexBatch {
  readonly table: ArrowTable | undefined;
  readonly given: number;
  readonly rejected: number;
  readonly rejects: readonly ObjectReject[];
}

/** The rows of some parts, in batches that memory has room for. */
export function indexBatches(input: Input, memoryMb: number): AsyncGenerator<IndexBatch> {
  return input.vectors === undefined && canPack(input) ? packed(input, memoryMb) : built(input, memoryMb);
}

async function* packed(input: Input, memoryMb: number): AsyncGenerator<IndexBatch> {
  const arrow = await loadArrow();
  const { connection, close } = await openReader(
    input.parts.flatMap(({ files }) => files),
    memoryMb,
  );
  const room = Math.min(BATCH_BYTES, memoryMb * 2 ** 20 * BATCH_SHARE);
  let size = MOST_ROWS;
  let told = 0;
  try {
    for (let rest = input.parts; rest.length > 0; ) {
      let { some, after } = firstOf(rest, size);
      let measured = await measureRows(connection, some, input);
      for (size = recordsOf(some); measured.bytes > room && size > 1; size = recordsOf(some)) {
        ({ some, after } = firstOf(rest, Math.max(1, Math.floor(size * Math.min(0.9, room / measured.bytes)))));
        measured = await measureRows(connection, some, input);
      }
      const { table, given, refused } = await packRows(arrow, connection, some, input, measured);
      const rejects = refused > 0 && told < KEPT_REJECTS ? await rejectsOf(input, some, memoryMb) : [];
      told += rejects.length;
      yield { table, given, rejected: refused, rejects };
      rest = after;
      size = Math.min(MOST_ROWS, Math.max(1, size) * 2);
    }
  } finally {
    close();
  }
}

const recordsOf = (parts: readonly RowPart[]) => parts.reduce((sum, { from, to }) => sum + to - from, 0);

/** The first `count` records of some parts, and what comes after them. An empty part is taken along. */
function firstOf(parts: readonly RowPart[], count: number): { some: RowPart[]; after: RowPart[] } {
  const some: RowPart[] = [];
  let left = count;
  for (const [at, part] of parts.entries()) {
    const records = part.to - part.from;
    if (records > left) {
      const middle = part.from + left;
      if (left > 0) some.push({ ...part, to: middle });
      return { some, after: [{ ...part, from: middle }, ...parts.slice(at + 1)] };
    }
    some.push(part);
    left -= records;
  }
  return { some, after: [] };
}

/** What was refused of these parts: rare, so that it is read again. */
async function rejectsOf(input: Input, parts: readonly RowPart[], memoryMb: number): Promise<ObjectReject[]> {
  const rejects: ObjectReject[] = [];
  for await (const chunk of readRows(parts, input.columns, memoryMb, input)) {
    rejects.push(
      ...createBatch(input)
        .add(chunk)
        .slice(0, KEPT_REJECTS - rejects.length),
    );
    if (rejects.length === KEPT_REJECTS) break;
  }
  return rejects;
}

/** Row by row: where words are ours to write, or vectors come from an embedder in the order of the rows. */
async function* built(input: Input, memoryMb: number): AsyncGenerator<IndexBatch> {
  const arrow = await loadArrow();
  const batch = createBatch(input, input.vectors?.dimensions);
  let rejects: ObjectReject[] = [];
  let rejected = 0;
  const take = (): IndexBatch => {
    const taken = batch.count() > 0 ? batch.take(arrow) : { table: undefined, given: 0 };
    const done = { ...taken, rejected, rejects };
    rejects = [];
    rejected = 0;
    return done;
  };
  const vectors = input.vectors && (await openVectorFile(input.vectors));
  try {
    for await (const chunk of readRows(input.parts, input.columns, memoryMb, input)) {
      const refused = batch.add(chunk, await vectors?.take(chunk.count));
      rejected += refused.length;
      rejects.push(...refused.slice(0, KEPT_REJECTS - rejects.length));
      if (batch.count() >= BATCH_ROWS || batch.chars() >= BATCH_CHARS) yield take();
    }
    if (batch.count() > 0 || rejected > 0) yield take();
  } finally {
    await vectors?.close();
  }
}
