import type { Db } from '../db/database.ts';
import { type Anchor, lostAnchor } from './anchor.ts';
import { type Entry, entryHash, genesis } from './entry.ts';
import type { Head, HeadKey } from './head-key.ts';
import { countUnsealed, findCheckpoint, headsAfter, inSnapshot, sealedAfter } from './store.ts';

export interface Verdict {
  readonly ok: boolean;
  /** Sealed entries that were read. */
  readonly entries: number;
  readonly heads: number;
  /** The place after which the chain is kept: 0, or that of the checkpoint. */
  readonly start: number;
  /** The last signed head: note it down elsewhere to know it again. */
  readonly head?: { readonly seq: number; readonly hash: string; readonly time: string };
  /** Entries that wait for their seal. */
  readonly unsealed: number;
  /** What is wrong, in order; the first hundred. */
  readonly problems: readonly string[];
  readonly more_problems: number;
}

const pageSize = 2000;
const maxProblems = 100;
/** The sealer comes by each second; what waits longer than this was passed over, or robbed of its seal. */
const graceMs = 60_000;

/** Walks the whole chain, on one picture of the database, and says what does not fit and where. */
export function verifyChain(db: Db, key: HeadKey, anchor?: Anchor): Promise<Verdict> {
  return inSnapshot(db, async (tx) => {
    const problems: string[] = [];
    let count = 0;
    const problem = (text: string) => {
      count += 1;
      if (problems.length < maxProblems) problems.push(text);
    };

    const checkpoint = await startOf(tx, key, problem);
    const start = checkpoint?.seq ?? 0;
    const walk = createWalk(key, checkpoint, problem);
    const rows = entriesOf(tx, start);
    let row = (await rows.next()).value;
    for await (const head of headsOf(tx, start)) {
      for (; row && row.seq <= head.seq; row = (await rows.next()).value) walk.entry(row);
      walk.head(head);
    }
    const uncovered = row?.seq;
    for (; row; row = (await rows.next()).value) walk.entry(row);
    const { entries, heads, lastSeq, lastHead } = walk.seen();
    if (uncovered !== undefined) {
      const end = `the heads end at ${lastHead?.seq ?? 0}`;
      problem(`${places(uncovered, lastSeq)} of the chain: no signed head covers them; ${end}.`);
    }
    const lost = anchor && (await lostAnchor(tx, anchor));
    if (lost) problem(lost);
    const unsealed = await countWaiting(tx, problem);
    return {
      ok: count === 0,
      entries,
      heads,
      start,
      ...(lastHead && { head: { seq: lastHead.seq, hash: lastHead.hash, time: lastHead.time } }),
      unsealed,
      problems,
      more_problems: count - problems.length,
    };
  });
}

type Problem = (text: string) => void;

/** Follows entries and heads in order, and compares each with what came before. */
function createWalk(key: HeadKey, checkpoint: Head | undefined, problem: Problem) {
  let { seq, hash } = checkpoint ?? { seq: 0, hash: genesis };
  let lastHead = checkpoint;
  const seen = { entries: 0, heads: 0 };

  function entry(row: Sealed): void {
    seen.entries += 1;
    const gap = row.seq > seq + 1;
    if (gap) problem(missing(seq + 1, row.seq - 1, `entry ${named(row)} comes next`));
    // Behind a gap nobody knows what the entry was chained to.
    if (!gap && entryHash(hash, row.seq, row) !== row.hash) {
      problem(`Entry ${named(row)} was changed, or the hash of the one before it: it does not give its hash.`);
    }
    seq = row.seq;
    hash = row.hash;
  }

  function head(next: Head): void {
    seen.heads += 1;
    const at = `The head at entry ${next.seq}, of ${next.time},`;
    const cut = seq < next.seq;
    if (cut) problem(missing(seq + 1, next.seq, `a head signed at ${next.time} counts them`));
    const held = key.verifyHead(next);
    if (held === undefined) problem(`${at} is signed with a key that is not known here: ${next.key_id}.`);
    if (held === false) problem(`${at} has a wrong signature.`);
    if (held && !cut && hash !== next.hash) {
      problem(`${at} tells another hash than that entry: entries up to it were changed and chained anew.`);
    }
    const [follows, before] = [next.seq - next.count, lastHead?.seq ?? 0];
    if (follows !== before) {
      problem(`${at} follows entry ${follows}, but the head before it is at ${before}: a head is missing.`);
    }
    // Whatever is wrong before, what follows is measured by what was signed.
    if (held || cut) hash = next.hash;
    seq = next.seq;
    lastHead = next;
  }

  return { entry, head, seen: () => ({ ...seen, lastSeq: seq, lastHead }) };
}

/** How many entries wait for their seal. Those that wait too long are a problem. */
async function countWaiting(tx: Db, problem: Problem): Promise<number> {
  const old = await countUnsealed(tx, new Date(Date.now() - graceMs));
  if (old.count > 0) {
    const them = `${old.count} ${old.count === 1 ? 'entry is' : 'entries are'}`;
    problem(`${them} older than a minute and not sealed, the first of them ${old.first}; a running server seals them.`);
  }
  return (await countUnsealed(tx, new Date(Date.now() + 86_400_000))).count;
}

type Sealed = Entry & { readonly seq: number; readonly hash: string };

/** Where the kept chain begins: at the checkpoint if there is one that holds. */
async function startOf(tx: Db, key: HeadKey, problem: Problem): Promise<Head | undefined> {
  const checkpoint = await findCheckpoint(tx);
  if (!checkpoint || (key.verifyCheckpoint(checkpoint) && key.verifyHead(checkpoint))) return checkpoint;
  problem(
    `The checkpoint at entry ${checkpoint.seq} has a wrong signature: entries before it were not removed by a server.`,
  );
  return checkpoint;
}

async function* entriesOf(tx: Db, start: number): AsyncGenerator<Sealed, undefined> {
  for (let last = start; ; ) {
    const page = (await sealedAfter(tx, last, pageSize)) as Sealed[];
    yield* page;
    last = page.at(-1)?.seq ?? last;
    if (page.length < pageSize) return undefined;
  }
}

async function* headsOf(tx: Db, start: number): AsyncGenerator<Head, undefined> {
  for (let last = start; ; ) {
    const page = await headsAfter(tx, last, pageSize);
    yield* page;
    last = page.at(-1)?.seq ?? last;
    if (page.length < pageSize) return undefined;
  }
}

function named(entry: Sealed): string {
  return `${entry.seq} (${entry.id}, ${entry.time})`;
}

function places(first: number, last: number): string {
  return first === last ? `Entry ${first}` : `Entries ${first} to ${last}`;
}

function missing(first: number, last: number, because: string): string {
  return `${places(first, last)} ${first === last ? 'is' : 'are'} missing: ${because}.`;
}
