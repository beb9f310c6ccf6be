import { canceled } from './failure.ts';

/** A promise as far as its caller waits for it: once the signal fires, and while `mayLeave` says so, it is given up unsent. */
export async function heard<T>(
  work: Promise<T>,
  signal?: AbortSignal,
  mayLeave: () => boolean = () => true,
): Promise<T> {
  if (!signal) return work;
  work.catch(() => undefined);
  const { promise, reject } = Promise.withResolvers<never>();
  const leave = () => {
    if (mayLeave()) reject(canceled(false));
  };
  signal.addEventListener('abort', leave, { once: true });
  if (signal.aborted) leave();
  try {
    return await Promise.race([work, promise]);
  } finally {
    signal.removeEventListener('abort', leave);
  }
}
