import { AppError, untrusted } from '../../../core/errors.ts';
import { dockerUnavailable, messageOf } from '../errors.ts';

/** What the engine answered with instead of success; undefined when it did not answer. */
export function statusOf(error: unknown): number | undefined {
  const status = (error as { statusCode?: unknown } | null)?.statusCode;
  return typeof status === 'number' ? status : undefined;
}

const unreachable = new Set(['ECONNREFUSED', 'ENOENT', 'EACCES', 'ECONNRESET', 'EPIPE', 'ENOTSOCK', 'EHOSTUNREACH']);

/** Whether nobody answers there: the call may or may not have been carried out. */
function isUnreachable(error: unknown): boolean {
  return unreachable.has(String((error as { code?: unknown } | null)?.code));
}

/** Calls the engine. Throws DOCKER_UNAVAILABLE when it is away and DOCKER_REFUSED for what `known` does not translate. */
export async function engineCall<T>(
  engine: { readonly host: string },
  call: () => Promise<T>,
  known: (status: number, message: string) => AppError | undefined = () => undefined,
): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (error instanceof AppError || (error as Error | null)?.name === 'AbortError') throw error;
    if (isUnreachable(error)) throw dockerUnavailable(engine.host, error);
    const status = statusOf(error);
    const translated = status === undefined ? undefined : known(status, messageOf(error));
    throw (
      translated ??
      new AppError(
        'DOCKER_REFUSED',
        'The Docker engine refused the call.',
        'Read what it says in the details; call orcaops_system_info to see whether the engine is well.',
        { ...(status === undefined ? {} : { status }), cause: untrusted('docker', messageOf(error), 500) },
        { cause: error },
      )
    );
  }
}
