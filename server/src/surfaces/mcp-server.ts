import {
  type JSONRPCRequest,
  ProtocolError,
  ProtocolErrorCode,
  type Result,
  Server,
  type ServerContext,
} from '@modelcontextprotocol/server';
import { AppError, envelope } from '../core/errors.ts';

type Handler = (request: JSONRPCRequest, context: ServerContext) => Promise<Result>;

/**
 * The protocol library's server, which answers parameters that miss their schema as a failure of its own, in the words
 * of its validator. Here they are a mistake of the caller, and nothing but our own words goes out.
 */
export class ProtocolServer extends Server {
  protected override _wrapHandler(method: string, handler: Handler): Handler {
    const wrapped = super._wrapHandler(method, handler);
    return async (request, context) => {
      try {
        return await wrapped(request, context);
      } catch (error) {
        throw error instanceof ProtocolError ? error : this.#asProtocolError(method, error);
      }
    };
  }

  #asProtocolError(method: string, error: unknown): ProtocolError {
    const issues = error instanceof Error ? issuesOf(error.message) : undefined;
    if (issues) return protocolError(ProtocolErrorCode.InvalidParams, badParameters(method, issues));
    this.onerror?.(error instanceof Error ? error : new Error(String(error)));
    return protocolError(ProtocolErrorCode.InternalError, error);
  }
}

/** A failure in the protocol's form, with the envelope as its data. */
export function protocolError(code: ProtocolErrorCode, error: unknown): ProtocolError {
  const body = envelope(error);
  return new ProtocolError(code, body.error.message, body);
}

interface Issue {
  readonly path: string;
  readonly message: string;
}

/** What the library's validator found, which it throws as an error whose message is the JSON of a list. */
function issuesOf(message: string): Issue[] | undefined {
  if (!message.startsWith('[')) return undefined;
  try {
    const found = JSON.parse(message) as { path: readonly unknown[]; message: string }[];
    return found.slice(0, 20).map((issue) => ({
      path: issue.path.map(String).join('.').slice(0, 300),
      message: issue.message.slice(0, 300),
    }));
  } catch {
    return undefined;
  }
}

function badParameters(method: string, issues: readonly Issue[]): AppError {
  return new AppError(
    'VALIDATION_FAILED',
    `The parameters of ${method} are not valid.`,
    'Correct what details.issues names; the revision of the protocol that you speak says what the method takes.',
    { issues },
  );
}
