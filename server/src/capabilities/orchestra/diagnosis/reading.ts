import { AppError } from '../../../core/errors.ts';
import type { Page } from '../client/pages.ts';

/** What is asked for, in our words; names that others gave stand beside them. */
export interface Asked {
  readonly what: string;
  readonly endpoint?: string | undefined;
  readonly task_id?: string | undefined;
  readonly file?: string | undefined;
}

/** What could not be read, or was not, and why. */
export interface Gap extends Asked {
  readonly code?: string;
  readonly why: string;
}

/** Reads what a report is made of: what cannot be read becomes a gap of it, and no failure. */
export interface Reading {
  readonly gaps: readonly Gap[];
  note(gap: Gap): void;
  /** One request; undefined where it failed, or where the report has asked enough. Throws when the caller gives up. */
  ask<T>(asked: Asked, work: () => Promise<T>): Promise<T | undefined>;
}

/** Requests of one report beside the one for the run itself, and further pages of its tasks. */
const maxRequests = 17;

export function createReading(limit = maxRequests): Reading {
  const gaps: Gap[] = [];
  let asked = 0;
  return {
    gaps,
    note: (gap) => void gaps.push(gap),
    async ask(question, work) {
      asked += 1;
      if (asked > limit) {
        gaps.push({ ...question, why: `Not asked for: one report makes at most ${limit} requests.` });
        return undefined;
      }
      try {
        return await work();
      } catch (error) {
        if (!(error instanceof AppError)) throw error;
        gaps.push({ ...question, code: error.code, why: error.message });
        return undefined;
      }
    },
  };
}

/** The first page of a list. */
export async function firstPage<T>(pages: AsyncIterable<Page<T>>): Promise<Page<T>> {
  for await (const page of pages) return page;
  return { items: [], total: 0, unreadable: 0, capped: false };
}

/** Up to `max` items of a list; `whole`: that is all of it, and all of it can be read. */
export async function upTo<T>(
  pages: AsyncIterable<Page<T>>,
  max: number,
): Promise<{ readonly items: readonly T[]; readonly whole: boolean }> {
  const items: T[] = [];
  let whole = true;
  for await (const page of pages) {
    items.push(...page.items);
    whole &&= page.unreadable === 0 && !page.capped;
    if (items.length >= max) {
      whole &&= items.length === max && page.total !== null && page.total <= max;
      break;
    }
  }
  return { items: items.slice(0, max), whole };
}
