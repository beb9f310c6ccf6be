import { redact } from './redact.ts';

/** What a caller may rely on for one error code: HTTP status, exit code of the command line, and whether to try again. */
export interface ErrorRow {
  readonly http: number;
  readonly exit: number;
  readonly retryable: boolean;
}

/** The body of every failure, the same on every surface. */
export interface ErrorEnvelope {
  readonly success: false;
  readonly error: {
    readonly code: string;
    readonly message: string;
    readonly suggestion: string;
    readonly retryable: boolean;
    readonly details?: unknown;
  };
}

/** Text that somebody outside wrote. It travels as data beside our own words, never inside them. */
export interface Untrusted {
  readonly untrusted: true;
  readonly source: string;
  readonly text: string;
}

const row = (http: number, exit: number, retryable = false): ErrorRow => ({ http, exit, retryable });

const table = new Map<string, ErrorRow>(
  Object.entries({
    INTERNAL: row(500, 1),
    BAD_REQUEST: row(400, 2),
    VALIDATION_FAILED: row(422, 2),
    BAD_CURSOR: row(422, 2),
    UNKNOWN_TOOL: row(404, 2),
    UNAUTHENTICATED: row(401, 3),
    FORBIDDEN: row(403, 3),
    HOST_NOT_ALLOWED: row(403, 3),
    NOT_FOUND: row(404, 4),
    ALREADY_EXISTS: row(409, 5),
    CONFLICT: row(409, 5),
    IDEMPOTENCY_CONFLICT: row(409, 5),
    PAYLOAD_TOO_LARGE: row(413, 2),
    READ_ONLY: row(403, 3),
    RATE_LIMITED: row(429, 6, true),
    SECRET_NOT_GRANTED: row(403, 3),
    SECRET_UNUSABLE: row(503, 6),
    UPLOAD_REFUSED: row(403, 3),
    UPLOAD_SIZE_MISMATCH: row(422, 2),
    UPLOAD_TYPE_MISMATCH: row(422, 2),
    WEBHOOK_REFUSED: row(401, 3),
    EGRESS_REFUSED: row(403, 3),
    UPSTREAM_FAILED: row(502, 6, true),
    UNAVAILABLE: row(503, 6, true),
    STORAGE_FULL: row(507, 6, true),
    TIMED_OUT: row(504, 7, true),
    CANCELED: row(409, 7),
    IN_DOUBT: row(409, 5),
  }),
);

/** The refusal of a server that only reads its database. */
export function readOnlyServer(cause?: unknown): AppError {
  return new AppError(
    'READ_ONLY',
    'This server only reads: its database is a replica, or may not be changed.',
    'Call a server that writes, one that was started without read_only, for whatever changes something.',
    undefined,
    { cause },
  );
}

/** Adds a capability's rows to the one table. A code that is already there is a programming error. */
export function addErrorCodes(rows: Readonly<Record<string, ErrorRow>>): void {
  for (const [code, entry] of Object.entries(rows)) {
    const known = table.get(code);
    if (known && JSON.stringify(known) !== JSON.stringify(entry))
      throw new Error(`error code ${code} is defined twice`);
    table.set(code, entry);
  }
}

export function errorRow(code: string): ErrorRow {
  return table.get(code) ?? row(500, 1);
}

/**
 * A failure that the caller may see, in our own words.
 * `suggestion` says what to do next and names the tool for it; `details` may carry `Untrusted` text.
 */
export class AppError extends Error {
  readonly code: string;
  readonly suggestion: string;
  readonly details: unknown;

  constructor(code: string, message: string, suggestion: string, details?: unknown, options?: ErrorOptions) {
    super(message, options);
    this.name = 'AppError';
    this.code = code;
    this.suggestion = suggestion;
    this.details = details;
  }
}

/** Marks foreign text as such, takes known secrets out of it and cuts it to `max` characters. */
export function untrusted(source: string, text: string, max = 2000): Untrusted {
  const clean = redact(text);
  return { untrusted: true, source, text: clean.length > max ? `${clean.slice(0, max)}…` : clean };
}

/** The envelope for any thrown value. What is not an `AppError` stays unsaid: its text may hold a secret or a path. */
export function envelope(error: unknown): ErrorEnvelope {
  const known = error instanceof AppError ? error : internal();
  return {
    success: false,
    error: {
      code: known.code,
      message: known.message,
      suggestion: known.suggestion,
      retryable: errorRow(known.code).retryable,
      ...(known.details === undefined ? {} : { details: known.details }),
    },
  };
}

function internal(): AppError {
  return new AppError(
    'INTERNAL',
    'Something failed inside the server.',
    'Try again; if it stays, look for this time in the log of the server.',
  );
}
