import type { Tracker } from '../tracker.ts';
import { DownstreamError } from '../types.ts';

export interface Breaches {
  /** What should be a message and is none, or one that nobody asked for. */
  breach(message: string): void;
  tooLong(head: string, tail: string): void;
  /** Why the connection was broken off. */
  failure(): DownstreamError | undefined;
}

/** What becomes of a connection whose other side breaks the protocol. */
export function createBreaches(tracker: Tracker, maxBytes: number, breakOff: () => void): Breaches {
  let failure: DownstreamError | undefined;

  /** Nobody can say whose answer it was: all that are open fail, and a new connection starts clean. */
  function breach(message: string): void {
    failure ??= new DownstreamError(
      'bad_answer',
      message,
      true,
      'Have the operator check that the server speaks MCP on its stdout, and nothing else.',
    );
    tracker.failAll(failure);
    breakOff();
  }

  return {
    breach,
    tooLong(head, tail) {
      const message = `Its answer is larger than ${maxBytes} bytes.`;
      const suggestion = 'Ask the tool for less, or have the operator raise max_answer_mb of the server.';
      const id = idIn(tail) ?? idIn(head);
      if (id === undefined || !tracker.isOpen(id)) return breach(message);
      tracker.fail(id, new DownstreamError('bad_answer', message, true, suggestion));
    },
    failure: () => failure,
  };
}

/** Servers write the id at the end of a message or at its beginning. */
function idIn(text: string): number | undefined {
  const found = [...text.matchAll(/"id"\s*:\s*(\d{1,15})\b/g)].at(-1)?.[1];
  return found === undefined ? undefined : Number(found);
}
