import { BrokenCircuitError, CircuitState, ConsecutiveBreaker, circuitBreaker, handleWhen } from 'cockatiel';
import { canceled } from './failure.ts';
import { heard } from './heard.ts';
import { DownstreamError } from './types.ts';

/** Keeps calls from a server that fails: open after three faults in a row, then one call tries whether it is back. */
export interface Breaker {
  /** While one call tries a broken server out the others wait for the outcome; the signal lets them go. */
  run<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T>;
  /** Counts an error as a fault of the server when it leaves `run`; of one cause only the first counts. */
  fault(error: DownstreamError, cause: object): void;
  /** Counts a fault that no call told of. */
  note(cause: object): Promise<void>;
  isOpen(): boolean;
  isHalfOpen(): boolean;
}

const faultsToOpen = 3;

export function createBreaker(openMs: number): Breaker {
  const faults = new WeakSet<object>();
  const counted = new WeakSet<object>();
  let openedAt = 0;
  const policy = circuitBreaker(
    // Whoever waited for the same attempt has the same error, which counts once.
    handleWhen((error) => error instanceof Error && faults.delete(error)),
    { halfOpenAfter: openMs, breaker: new ConsecutiveBreaker(faultsToOpen) },
  );
  policy.onBreak(() => {
    openedAt = performance.now();
  });
  const remainingMs = () => openMs - (performance.now() - openedAt);

  function fault(error: Error, cause: object): void {
    if (counted.has(cause)) return;
    counted.add(cause);
    faults.add(error);
  }

  return {
    async run(work, signal) {
      let begun = false;
      const running = policy.execute(() => {
        begun = true;
        return signal?.aborted ? Promise.reject(canceled(false)) : work();
      });
      try {
        return await heard(running, signal, () => !begun);
      } catch (error) {
        throw error instanceof BrokenCircuitError ? isOpenError(remainingMs()) : error;
      }
    },
    fault,
    async note(cause) {
      const error = new Error('a fault without a call');
      fault(error, cause);
      await policy.execute(() => Promise.reject(error)).catch(() => undefined);
    },
    // Once its time is over it is open by name only: the next call is let through.
    isOpen: () => policy.state === CircuitState.Open && remainingMs() > 0,
    isHalfOpen: () => policy.state === CircuitState.HalfOpen,
  };
}

export function isOpenError(remainingMs: number): DownstreamError {
  const seconds = Math.max(1, Math.ceil(remainingMs / 1000));
  return new DownstreamError(
    'breaker_open',
    `It failed ${faultsToOpen} times in a row, so it is not asked for up to ${seconds} s.`,
    false,
    'Try again then; list_downstream_servers says how it failed.',
  );
}
