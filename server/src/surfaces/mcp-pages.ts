import type { Cursors } from '../core/page.ts';

/** All of a list that is not out of the common: many clients of older revisions ask for its first page alone. */
const pageSize = 250;

/** Cuts the lists of the protocol into pages. A cursor holds for one list, narrowed in one way. */
export function createPager(cursors: Cursors) {
  return <Item>(
    list: string,
    narrowing: unknown,
    items: readonly Item[],
    cursor: string | undefined,
  ): { page: readonly Item[]; nextCursor?: string } => {
    const position = cursors.decode(list, narrowing, cursor);
    const start = position === undefined ? 0 : Number(position);
    const end = start + pageSize;
    if (start === 0 && items.length <= pageSize) return { page: items };
    const page = items.slice(start, end);
    return end < items.length ? { page, nextCursor: cursors.encode(list, narrowing, String(end)) } : { page };
  };
}
