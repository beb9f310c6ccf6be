import type { StoredEvent } from './event.ts';
import { isAfter, type Position } from './position.ts';

/** The newest events in memory, without a gap from `start` up to `end`. */
export interface Ring {
  readonly end: () => Position;
  /** Adds what comes next; forgets the oldest where there is too much. */
  append(events: readonly StoredEvent[], end: Position): void;
  /** All that comes after a position; undefined when the ring does not reach back so far. */
  after(position: Position): readonly StoredEvent[] | undefined;
}

export function createRing(start: Position, { maxEvents, maxBytes }: { maxEvents: number; maxBytes: number }): Ring {
  let kept: { event: StoredEvent; bytes: number }[] = [];
  let bytes = 0;
  let begin = start;
  let end = start;

  return {
    end: () => end,
    append(events, next) {
      for (const event of events) {
        const size = JSON.stringify(event.data).length;
        kept.push({ event, bytes: size });
        bytes += size;
      }
      end = next;
      let surplus = 0;
      while (kept.length - surplus > maxEvents || (bytes > maxBytes && surplus < kept.length)) {
        const oldest = kept[surplus] as (typeof kept)[number];
        bytes -= oldest.bytes;
        begin = oldest.event.position;
        surplus += 1;
      }
      if (surplus > 0) kept = kept.slice(surplus);
    },
    after(position) {
      if (isAfter(begin, position)) return undefined;
      let low = 0;
      let high = kept.length;
      while (low < high) {
        const middle = (low + high) >>> 1;
        if (isAfter((kept[middle] as (typeof kept)[number]).event.position, position)) high = middle;
        else low = middle + 1;
      }
      return kept.slice(low).map(({ event }) => event);
    },
  };
}
