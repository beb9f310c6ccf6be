import { AppError } from '../../../core/errors.ts';
import type { EngineRow } from './store.ts';

/** One name would mean two engines: jobs would be looked for where they are not. */
export function nameTaken(name: string, host: string): AppError {
  return new AppError(
    'ENGINE_NAME_TAKEN',
    `Another process has the name ${name} for another Docker engine, so the one at ${host} is not used.`,
    'Give this process an ops.engine_name of its own.',
    { engine: name, host },
  );
}

/** Why no process reaches an engine, in plain words. */
export function whyAway({ name, processes, reason, seen_at }: EngineRow): string {
  const at = seen_at.toISOString();
  if (processes === 0) return `Nothing is heard of a process beside the engine ${name}, which last answered at ${at}.`;
  return `The engine ${name} does not answer; it last did at ${at}.${reason === null ? '' : ` ${reason}`}`;
}
