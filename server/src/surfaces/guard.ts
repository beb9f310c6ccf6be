import type { MiddlewareHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { AppError } from '../core/errors.ts';

const loopback = new Set(['localhost', '127.0.0.1', '[::1]']);

/**
 * Refuses requests whose Host or Origin names anything but this server. A page that has its own name resolve to loopback
 * still sends its name, so no browser can be led here by strangers (DNS rebinding).
 */
export function guardHosts(allowed: readonly string[]): MiddlewareHandler {
  const known = new Set([...loopback, ...allowed.map((name) => name.toLowerCase())]);
  const isKnown = (url: string) => URL.canParse(url) && known.has(new URL(url).hostname);
  return async (c, next) => {
    const host = c.req.header('host');
    const origin = c.req.header('origin');
    if (host === undefined || !isKnown(`http://${host}`) || (origin !== undefined && !isKnown(origin))) {
      throw new AppError(
        'HOST_NOT_ALLOWED',
        'This server does not answer to the Host or Origin of this request.',
        'Call it by a loopback name, or have the operator add the name to allowed_hosts.',
      );
    }
    await next();
  };
}

/**
 * Refuses bodies over a size. A body of known length is judged by that, which Node then enforces; only one of unknown
 * length is counted as it comes, for that costs a web stream a request.
 */
export function limitBody(maxBytes: number): MiddlewareHandler {
  const tooLarge = () =>
    new AppError(
      'PAYLOAD_TOO_LARGE',
      `The body is larger than ${maxBytes} bytes.`,
      'Send less, or upload large data as an object with create_presigned_upload.',
    );
  const counted = bodyLimit({
    maxSize: maxBytes,
    onError: () => {
      throw tooLarge();
    },
  });
  return async (c, next) => {
    const length = c.req.header('content-length');
    if (length === undefined || c.req.header('transfer-encoding') !== undefined) return counted(c, next);
    if (Number(length) > maxBytes) throw tooLarge();
    await next();
  };
}

export function bearer(header: string | undefined): string | undefined {
  return header?.match(/^Bearer +(\S+)$/i)?.[1];
}

/** The error of a caller who hung up within his body. Nobody reads it; it keeps him from looking like a fault of ours. */
export function brokenOff(): AppError {
  return new AppError('BAD_REQUEST', 'The body broke off.', 'Send the request again, with all of its body.');
}

/** Any failure as it is, but for the one that Node reports to whoever reads such a body. */
export function asBrokenOff(error: unknown): unknown {
  const { code, message } = (error ?? {}) as { code?: unknown; message?: unknown };
  return code === 'ECONNRESET' && message === 'aborted' ? brokenOff() : error;
}
