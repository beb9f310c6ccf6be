import { AppError } from '../../../core/errors.ts';

/**
 * A job's signal has two meanings. `stop`: it was canceled or ran out of time, and what it began is to be ended. `leave`: this
 * process stops or has lost it, and what it began goes on for another one.
 */
export function splitSignal(signal: AbortSignal): { readonly stop: AbortSignal; readonly leave: AbortSignal } {
  const [stop, leave] = [new AbortController(), new AbortController()];
  const pass = () => {
    const { reason } = signal;
    const ends = reason instanceof AppError && (reason.code === 'CANCELED' || reason.code === 'TIMED_OUT');
    (ends ? stop : leave).abort(reason);
  };
  if (signal.aborted) pass();
  else signal.addEventListener('abort', pass, { once: true });
  return { stop: stop.signal, leave: leave.signal };
}
