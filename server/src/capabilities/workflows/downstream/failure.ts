import { ProtocolError, SdkError, SdkErrorCode, SdkHttpError, UnauthorizedError } from '@modelcontextprotocol/client';
import { connectFailures } from '../../../core/egress-address.ts';
import { AppError, untrusted } from '../../../core/errors.ts';
import { failureIn } from './tracker.ts';
import { DownstreamError } from './types.ts';

/** Longest text of a server that goes into an error. */
const maxText = 1000;
/** Failures of a connection that was never made, so that nothing was sent on it. */
const unsent = new Set([...connectFailures, 'EACCES', 'EPERM', 'ENOENT', 'ENOEXEC']);

/** Words of a server, fit for a message: cut, and without secrets. */
export function wordsOf(text: string): string {
  return untrusted('downstream', text, maxText).text;
}

/** Says of whatever the client threw what it means. `sent` is what is known of the call that it ended. */
export function asFailure(error: unknown, sent: boolean): DownstreamError {
  const known = failureIn(error);
  if (known) return known;
  if (error instanceof AppError) return ofOurs(error, sent);
  if (error instanceof UnauthorizedError) return denied(401);
  if (error instanceof SdkHttpError) return ofStatus(error);
  if (error instanceof SdkError) return ofClient(error, sent);
  if (error instanceof ProtocolError) return new DownstreamError('tool_error', wordsOf(error.message), sent);
  const text = error instanceof Error ? error.message : String(error);
  if (text === 'Not connected') return new DownstreamError('unreachable', 'The server has ended.', false);
  // A RangeError is one of the stack, over what is nested too deeply to be read.
  if (error instanceof Error && ['SyntaxError', 'ZodError', 'RangeError'].includes(error.name)) {
    return new DownstreamError('bad_answer', 'It sent what is no message of MCP.', sent);
  }
  return ofNetwork(error, text, sent);
}

function ofOurs(error: AppError, sent: boolean): DownstreamError {
  const kind = error.code === 'PAYLOAD_TOO_LARGE' ? 'bad_answer' : 'unreachable';
  return new DownstreamError(kind, error.message, kind === 'bad_answer' && sent, error.suggestion);
}

function ofClient({ code, message, cause }: SdkError, sent: boolean): DownstreamError {
  if (code === SdkErrorCode.EraNegotiationFailed) {
    return cause === undefined ? new DownstreamError('unreachable', wordsOf(message), false) : asFailure(cause, false);
  }
  if (code === SdkErrorCode.RequestTimeout) return timedOut(sent);
  if (code === SdkErrorCode.ConnectionClosed) {
    return new DownstreamError(sent ? 'closed_in_flight' : 'unreachable', 'The connection ended.', sent);
  }
  if (code === SdkErrorCode.NotConnected) return new DownstreamError('unreachable', 'The server has ended.', false);
  if (code === SdkErrorCode.ClientHttpAuthentication || code === SdkErrorCode.ClientHttpForbidden) return denied(401);
  return new DownstreamError('bad_answer', wordsOf(message), sent);
}

/** What was answered with such a status was refused before any tool ran, unless a server or a proxy failed over it. */
function ofStatus({ status = 0, message, code }: SdkHttpError): DownstreamError {
  if (status === 401 || status === 403 || code === SdkErrorCode.ClientHttpAuthentication) return denied(status);
  const text = wordsOf(message);
  if (status === 500) return new DownstreamError('bad_answer', text, true);
  // What stands before the server may have handed the call on.
  if (status === 502 || status === 504) return new DownstreamError('closed_in_flight', text, true);
  return new DownstreamError('unreachable', text, false);
}

function denied(status: number): DownstreamError {
  return new DownstreamError(
    'unreachable',
    `It refuses our credentials (${status}).`,
    false,
    'Have the operator check bearer or oauth of the server.',
  );
}

function ofNetwork(error: unknown, text: string, sent: boolean): DownstreamError {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  const words = wordsOf(code === '' ? text : `${text} (${code})`);
  if (!sent || unsent.has(code)) {
    return new DownstreamError(
      'unreachable',
      words,
      false,
      'Have the operator check that it is up and declared right.',
    );
  }
  return new DownstreamError('closed_in_flight', words, true);
}

export function timedOut(sent: boolean): DownstreamError {
  return new DownstreamError('timeout', 'It did not answer in time.', sent);
}

export function canceled(sent: boolean): DownstreamError {
  return new DownstreamError('canceled', 'The call was canceled.', sent);
}
