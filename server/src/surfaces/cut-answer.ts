import { actionLimits } from './action-limits.ts';

type Answer = Readonly<Record<string, unknown>>;

/** One thing that was shortened: where it is, how long it was (characters, items or members), and how much is left. */
interface Cut {
  readonly field: string;
  readonly length: number;
  readonly kept: number;
}

const note =
  'This answer was too long for its reader. Of the texts in these fields the middle is left out, of the lists the end, of those with kept 0 all. Ask for less at once: limit, tail, max_bytes or one job. next_page and next_offset go on after what was left out.';
const maxNamed = 10;
const maxField = 100;
/** Cursors, ids, URLs and names are shorter, and worth nothing in part. */
const leastText = 2048;

/**
 * An answer whose JSON has at most `max` characters, 10,000 or more. What is too long is shortened, the texts first, then the
 * lists, then whole members are left out; `cut` tells what. An answer that is short enough stays as it is.
 */
export function cutAnswer(answer: Answer, max: number = actionLimits.answerChars): Answer {
  if (length(answer) <= max) return answer;
  for (let texts = max; texts >= leastText; texts = Math.floor(texts / 2)) {
    const shorter = withCuts(shorten(answer, texts, Number.POSITIVE_INFINITY));
    if (length(shorter) <= max) return shorter;
  }
  for (let items = 512; items >= 1; items = Math.floor(items / 2)) {
    const shorter = withCuts(shorten(answer, leastText, items));
    if (length(shorter) <= max) return shorter;
  }
  return withoutLargest(shorten(answer, leastText, 1), max);
}

interface Shortened {
  readonly answer: Answer;
  readonly cuts: readonly Cut[];
}

function shorten(answer: Answer, texts: number, items: number): Shortened {
  const cuts: Cut[] = [];
  const walk = (value: unknown, at: string): unknown => {
    if (typeof value === 'string' && value.length > texts) {
      cuts.push({ field: at, length: value.length, kept: texts });
      return middleOut(value, texts);
    }
    if (Array.isArray(value)) {
      if (value.length > items) cuts.push({ field: at, length: value.length, kept: items });
      return value.slice(0, items).map((item, index) => walk(item, `${at}.${index}`));
    }
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, member]) => [key, walk(member, at ? `${at}.${key}` : key)]),
    );
  };
  return { answer: walk(answer, '') as Answer, cuts };
}

/** For answers that are long by the number of their members. */
function withoutLargest({ answer, cuts }: Shortened, max: number): Answer {
  const bySize = Object.entries(answer).sort(([, one], [, other]) => length(other) - length(one));
  for (let out = 1; ; out += 1) {
    const gone = bySize.slice(0, out).map(([field, value]) => ({ field, length: length(value), kept: 0 }));
    const shorter = withCuts({ answer: Object.fromEntries(bySize.slice(out)), cuts: [...gone, ...cuts] });
    if (length(shorter) <= max || out >= bySize.length) return shorter;
  }
}

function withCuts({ answer, cuts }: Shortened): Answer {
  return { ...answer, cut: told(cuts) };
}

function told(cuts: readonly Cut[]) {
  const longest = cuts.toSorted((one, other) => other.length - one.length).slice(0, maxNamed);
  // A field may be named by a caller.
  const fields = longest.map((cut) => ({ ...cut, field: cut.field.slice(0, maxField).toWellFormed() }));
  return { count: cuts.length, fields, note };
}

function middleOut(text: string, kept: number): string {
  const half = Math.floor(kept / 2);
  const [head, tail] = [text.slice(0, half), text.slice(text.length - half)];
  return `${head}\n[… ${text.length - 2 * half} characters left out …]\n${tail}`.toWellFormed();
}

function length(value: unknown): number {
  return JSON.stringify(value)?.length ?? 0;
}
