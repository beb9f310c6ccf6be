import { AppError } from '../../../core/errors.ts';

/** The two meanings of a job's signal. */
export interface Ends {
  /** It was canceled or ran out of time: what it began is to be ended. */
  readonly stop: AbortSignal;
  /** This process stops or has lost it: what it began goes on for another one. */
  readonly leave: AbortSignal;
}

export function splitSignal(signal: AbortSignal): Ends {
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
