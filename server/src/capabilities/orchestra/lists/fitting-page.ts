import type { Cursors } from '../../../core/page.ts';
import { answerBytes, fitting } from './fit.ts';

interface PageRequest {
  readonly page: string | undefined;
  readonly page_size: number;
}

/** A page of a list that is read as a whole each time: it goes on behind the item that the page before ended with. */
export function fittingPage<Item extends { readonly id: string }, Shown>(
  items: readonly Item[],
  show: (item: Item) => Shown,
  { page, page_size }: PageRequest,
  { cursors, list, filters }: { readonly cursors: Cursors; readonly list: string; readonly filters: unknown },
): { items: Shown[]; next_page?: string } {
  const before = cursors.decode(list, filters, page);
  // One that is gone meanwhile leaves its place to nobody knows whom: the list begins again.
  const begin = items.findIndex(({ id }) => id === before) + 1;
  const shown = fitting(items.slice(begin, begin + page_size).map(show), answerBytes);
  const last = items[begin + shown.length - 1];
  const more = begin + shown.length < items.length && last !== undefined;
  return more ? { items: shown, next_page: cursors.encode(list, filters, last.id) } : { items: shown };
}
