import { AppError, type ErrorRow, untrusted } from '../../core/errors.ts';

const row = (http: number, exit: number, retryable = false): ErrorRow => ({ http, exit, retryable });

/** A key that Orchestra refuses is no failed authentication with us, hence 502. */
export const orchestraErrors: Readonly<Record<string, ErrorRow>> = {
  ORCHESTRA_NOT_CONFIGURED: row(503, 6),
  ORCHESTRA_UNAUTHORIZED: row(502, 3),
  ORCHESTRA_FORBIDDEN: row(502, 3),
  ORCHESTRA_NOT_FOUND: row(404, 4),
  ORCHESTRA_REFUSED: row(422, 2),
  ORCHESTRA_RATE_LIMITED: row(503, 6, true),
  ORCHESTRA_UNAVAILABLE: row(502, 6, true),
  ORCHESTRA_TIMED_OUT: row(504, 7, true),
  ORCHESTRA_BAD_ANSWER: row(502, 6),
  ORCHESTRA_RUN_FAILED: row(422, 1),
};

/** Whether a request may have had its effect when it failed. */
export type Effect = 'none' | 'unknown';

/** A failed request to Orchestra, with what its sender must know before it goes on. */
export class OrchestraError extends AppError {
  /** Whether another attempt may go better. */
  readonly again: boolean;
  readonly effect: Effect;
  /** How long the other side asks us to wait. */
  readonly waitMs: number | undefined;

  constructor(
    [code, message, suggestion]: readonly [string, string, string],
    facts: { readonly again?: boolean; readonly effect?: Effect; readonly waitMs?: number | undefined } = {},
    details?: Readonly<Record<string, unknown>>,
  ) {
    super(code, message, suggestion, details);
    this.again = facts.again ?? false;
    this.effect = facts.effect ?? 'none';
    this.waitMs = facts.waitMs;
  }
}

type Words = readonly [code: string, message: string, suggestion: string];

const unauthorized: Words = [
  'ORCHESTRA_UNAUTHORIZED',
  'Orchestra refuses the API key.',
  'Have the operator set a valid ORCHESTRA_API_KEY; keys are made in Orchestra under Settings, API Key.',
];
const forbidden: Words = [
  'ORCHESTRA_FORBIDDEN',
  'Orchestra does not allow this to the API key.',
  'Have the operator check that the plan includes the API, that the key is not read-only, and that the IP allow-list has this server.',
];
const notFound: Words = [
  'ORCHESTRA_NOT_FOUND',
  'Orchestra knows no such object.',
  'Find runs with list_pipeline_runs and pipelines with list_orchestra_pipelines; runs older than 7 days need a time range.',
];
const notValid: Words = [
  'ORCHESTRA_REFUSED',
  'Orchestra refuses the request as it is.',
  'Correct what details.said names, then call again.',
];
const limited: Words = [
  'ORCHESTRA_RATE_LIMITED',
  'Orchestra asks for fewer requests.',
  'Wait for details.retry_after_seconds, or a minute where it is not there, then call again.',
];
const unavailable: Words = [
  'ORCHESTRA_UNAVAILABLE',
  'Orchestra cannot be reached or fails.',
  'Try again later; see the status page of Orchestra.',
];
const badAnswer: Words = [
  'ORCHESTRA_BAD_ANSWER',
  'Orchestra sent an answer that cannot be used.',
  'Try again with a narrower request; check that ORCHESTRA_API_BASE_URL leads to the API.',
];

/** The failure that a status means; `said` is the other side's own text. */
export function ofStatus(status: number, said: string, endpoint: string, waitMs?: number): OrchestraError {
  const effect: Effect = status >= 500 || status === 408 ? 'unknown' : 'none';
  const details = { status, endpoint, ...(said === '' ? {} : { said: untrusted('orchestra', said, 500) }) };
  if (status === 429) return rateLimited(waitMs, details);
  const again = [408, 500, 502, 503, 504].includes(status);
  return new OrchestraError(wordsOf(status), { again, effect, waitMs }, details);
}

function wordsOf(status: number): Words {
  if (status === 401) return unauthorized;
  if (status === 403) return forbidden;
  if (status === 404) return notFound;
  if (status === 408 || status >= 500) return unavailable;
  return status >= 400 ? notValid : badAnswer;
}

/** Fewer requests, please; `waitMs` where the other side said how long. */
export function rateLimited(
  waitMs: number | undefined,
  details: Readonly<Record<string, unknown>> = {},
): OrchestraError {
  const seconds = waitMs === undefined ? {} : { retry_after_seconds: Math.ceil(waitMs / 1000) };
  return new OrchestraError(limited, { again: true, waitMs }, { ...details, ...seconds });
}

/** The connection failed. `text` is the network's, not ours. */
export function unreachable(text: string, effect: Effect, endpoint: string): OrchestraError {
  return new OrchestraError(unavailable, { again: true, effect }, { endpoint, cause: untrusted('network', text, 300) });
}

/** Neither an answer nor an error came in time. `again`: there is time for another attempt. */
export function tooSlow(again: boolean, endpoint: string): OrchestraError {
  const words: Words = [
    'ORCHESTRA_TIMED_OUT',
    'Orchestra did not answer in time.',
    'Ask for less, or try again later.',
  ];
  return new OrchestraError(words, { again, effect: 'unknown' }, { endpoint });
}

/** An answer that is not what it should be; `why` is in our words. */
export function unusable(why: string, endpoint: string): OrchestraError {
  return new OrchestraError(badAnswer, { effect: 'unknown' }, { endpoint, why });
}

/** Input that must not reach a URL. */
export function notAnId(what: string, form: string): AppError {
  return new AppError('VALIDATION_FAILED', `This is no ${what}.`, `Give ${form}, as a list tool answers it.`);
}
