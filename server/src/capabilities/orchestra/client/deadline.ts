import { setTimeout as sleep } from 'node:timers/promises';

/** The end of all that one call may take, whoever sets it. */
export interface Deadline {
  /** Fires at the deadline, or when the caller gives up. */
  readonly signal: AbortSignal;
  /** The caller gave up, which is no failure of the other side. */
  readonly caller: AbortSignal | undefined;
  /** Milliseconds until the deadline. */
  left(): number;
}

export function deadlineIn(ms: number, caller?: AbortSignal): Deadline {
  const end = performance.now() + ms;
  const timeout = AbortSignal.timeout(ms);
  return {
    signal: caller ? AbortSignal.any([timeout, caller]) : timeout,
    caller,
    left: () => Math.max(0, end - performance.now()),
  };
}

/** Waits, unless the caller gives up first; then throws the reason of that. */
export async function pause(ms: number, { signal, caller }: Deadline): Promise<void> {
  if (ms > 0) await sleep(ms, undefined, { signal }).catch(() => undefined);
  caller?.throwIfAborted();
}
