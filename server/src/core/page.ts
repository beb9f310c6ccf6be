import { z } from 'zod';
import { sha256 } from './canonical.ts';
import { AppError } from './errors.ts';
import type { Keys } from './keys.ts';

/** The two fields that every list takes. */
export const pageFields = {
  page: z
    .string()
    .min(1)
    .max(2000)
    .optional()
    .describe('The next_page of the answer before; leave it out for the first page.'),
  page_size: z.int().min(1).max(200).default(50).describe('Items a page, 1 to 200.'),
};

/** The page size of lists whose items are small and very many. */
export const manyItems = z.int().min(1).max(1000).default(50).describe('Items a page, 1 to 1000.');

export const nextPageField = z
  .string()
  .optional()
  .describe('Give this as `page` for the next items; absent on the last page.');

export interface Cursors {
  /** Makes a cursor that only the same list with the same filters takes. */
  encode(list: string, filters: unknown, position: string): string;
  /** The position of a cursor; undefined for the first page. */
  decode(list: string, filters: unknown, cursor: string | undefined): string | undefined;
}

/** Cursors are signed: a position never comes from a caller. */
export function createCursors(keys: Keys): Cursors {
  const bound = (list: string, filters: unknown, position: string) => sha256([list, filters ?? null, position]);
  return {
    encode(list, filters, position) {
      const signature = keys.sign('cursor', bound(list, filters, position));
      return `${Buffer.from(position).toString('base64url')}.${signature}`;
    },
    decode(list, filters, cursor) {
      if (cursor === undefined) return undefined;
      const dot = cursor.indexOf('.');
      const position = Buffer.from(cursor.slice(0, Math.max(dot, 0)), 'base64url').toString();
      if (dot > 0 && keys.verify('cursor', bound(list, filters, position), cursor.slice(dot + 1))) return position;
      throw new AppError(
        'BAD_CURSOR',
        'This page cursor does not belong to this list with these filters.',
        'Leave `page` out to begin at the first page, and keep all other fields the same while paging.',
      );
    },
  };
}

/** Cuts a page out of `size + 1` rows and makes the cursor of the next one. */
export function pageOf<Row, Item>(
  rows: readonly Row[],
  size: number,
  toItem: (row: Row) => Item,
  cursorAfter: (row: Row) => string,
): { items: Item[]; next_page?: string } {
  const shown = rows.slice(0, size);
  const last = shown.at(-1);
  const items = shown.map(toItem);
  return rows.length > size && last !== undefined ? { items, next_page: cursorAfter(last) } : { items };
}
