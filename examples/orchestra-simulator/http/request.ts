import type { IncomingHttpHeaders } from 'node:http';
import type { State } from '../state.ts';
import type { Answer } from './answer.ts';

/** A request as routes see it. */
export interface SimRequest {
  readonly state: State;
  readonly method: string;
  /** The parts of the path that its pattern names. */
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  /** The parsed JSON body; undefined where there is none. */
  readonly body: unknown;
  readonly has: (fault: string) => boolean;
}

export interface Route {
  readonly method: string;
  /** Such as `/public/pipeline_runs/{run}/status`. */
  readonly path: string;
  readonly answer: (request: SimRequest) => Answer;
}
