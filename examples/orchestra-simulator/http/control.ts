import { timestamp } from '../clock.ts';
import type { State } from '../state.ts';
import { type Answer, detail, json, noContent } from './answer.ts';
import type { FaultPlan } from './faults.ts';

/** What was asked of the API, as tests want to see it. */
export interface Seen {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly body: unknown;
  readonly status: number;
  /** One more than the round of any request that was answered before this one came: how many had to wait for each other. */
  readonly round: number;
}

/** The side door below `/_simulator/`: time, faults, and what was asked. It needs no key. */
export function control(
  method: string,
  path: string,
  body: unknown,
  state: State,
  faults: FaultPlan,
  seen: Seen[],
): Answer {
  const given = typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : {};
  switch (`${method} ${path}`) {
    case 'GET /_simulator/requests':
      return json(seen);
    case 'DELETE /_simulator/requests':
      seen.length = 0;
      return noContent;
    case 'GET /_simulator/clock':
      return json({ now: timestamp(state.clock.now()) });
    case 'POST /_simulator/clock':
      if (typeof given.advance_s !== 'number') return detail(400, 'advance_s: seconds');
      state.clock.advance(given.advance_s * 1000);
      return json({ now: timestamp(state.clock.now()) });
    case 'POST /_simulator/faults':
      if (typeof given.faults !== 'string') return detail(400, 'faults: text; times?: number; match?: text');
      faults.add(given.faults, Number(given.times ?? 1), String(given.match ?? ''));
      return noContent;
    case 'DELETE /_simulator/faults':
      faults.clear();
      return noContent;
    default:
      return detail(404, 'Not Found');
  }
}
