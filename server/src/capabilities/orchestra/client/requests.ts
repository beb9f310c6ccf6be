import type { EgressFetch } from '../../../core/egress.ts';
import { OrchestraError, ofStatus } from '../errors.ts';
import type { Connection } from './connection.ts';
import { type Deadline, pause } from './deadline.ts';
import { failureOf } from './failure.ts';
import { createGate } from './gate.ts';
import { backOff, type Pace, retryAfter } from './policy.ts';
import { followed } from './redirect.ts';
import { saidIn } from './said.ts';

/** What is asked: `endpoint` names it in errors, without a query, which may name files. */
export interface Ask<T> {
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  /** Statuses beside 2xx that `read` takes. */
  readonly also?: readonly number[];
  /** Reads the answer, within the attempt: a body that breaks off is another attempt. */
  readonly read: (response: Response, endpoint: string) => Promise<T>;
}

/** The requests to one account, paced together. */
export interface Requests {
  /** What time it is over there, by the newest answer; windows are cut by their clock, not by ours. */
  now(): number;
  /** Asks as often as the pace allows. Throws an `OrchestraError`, or the caller's reason to give up. */
  get<T>(ask: Ask<T>, deadline: Deadline): Promise<T>;
  /** Asks once: whether it had an effect is in the error. */
  post<T>(ask: Ask<T>, body: unknown, deadline: Deadline): Promise<T>;
}

/** A clock that is further away than that is no clock. */
const yearMs = 365 * 24 * 3600 * 1000;

export function createRequests({ baseUrl, key }: Connection, fetch: EgressFetch['fetch'], pace: Pace): Requests {
  const gate = createGate(pace.inFlight);
  let ahead = 0;

  return {
    now: () => Date.now() + ahead,
    async get(ask, deadline) {
      for (let attempt = 1; ; attempt += 1) {
        try {
          return await once('GET', ask, undefined, deadline);
        } catch (error) {
          if (!(error instanceof OrchestraError) || !error.again || attempt >= pace.attempts) throw error;
          const wait = error.waitMs ?? backOff(pace, attempt);
          if (error.code === 'ORCHESTRA_RATE_LIMITED') gate.close(wait);
          if (wait >= deadline.left()) throw error;
          await pause(wait, deadline);
        }
      }
    },
    post: (ask, body, deadline) => once('POST', ask, body, deadline),
  };

  /** One attempt, through the gate. Throws an `OrchestraError`, an `AppError` of the egress, or the caller's reason. */
  function once<T>(method: 'GET' | 'POST', ask: Ask<T>, body: unknown, deadline: Deadline): Promise<T> {
    const endpoint = `${method} ${ask.path}`;
    return gate.run(endpoint, deadline, async () => {
      const mine = AbortSignal.timeout(Math.min(pace.attemptMs, Math.ceil(deadline.left())));
      const signal = AbortSignal.any([mine, deadline.signal]);
      try {
        const response = await send(method, ask, body, signal);
        // The header leaves out what has passed of its second.
        const theirs = Date.parse(response.headers.get('date') ?? '') + 1000;
        if (Math.abs(theirs - Date.now()) < yearMs) ahead = theirs - Date.now();
        if (response.ok || ask.also?.includes(response.status)) return await ask.read(response, endpoint);
        const waitMs = retryAfter(response.headers.get('retry-after'));
        if (response.status === 429) gate.close(waitMs ?? pace.baseMs);
        throw ofStatus(response.status, await saidIn(response), endpoint, waitMs);
      } catch (error) {
        deadline.caller?.throwIfAborted();
        throw failureOf(error, { endpoint, timedOut: signal.aborted, timeLeft: !deadline.signal.aborted });
      }
    });
  }

  function send<T>(method: string, { path, query = {}, headers = {} }: Ask<T>, body: unknown, signal: AbortSignal) {
    const search = new URLSearchParams(query).toString();
    const url = new URL(`${baseUrl}${path}${search === '' ? '' : `?${search}`}`);
    const content = body === undefined ? {} : { 'content-type': 'application/json' };
    const all = { accept: '*/*', ...headers, ...content, authorization: `Bearer ${key}` };
    const init = { method, headers: all, signal, ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
    return method === 'GET' ? followed(fetch, url, init) : fetch(url, init);
  }
}
