import { nextTime } from './cron.ts';

export type Missed = 'skip' | 'once' | 'all';

/** How late a run may begin and still count as in time. */
const graceMs = 60_000;
/** Missed times that are made up for at most, the newest. */
const maxMissed = 100;
/** How far back is looked, step by step until there are enough times: two minutes to sixty years. */
const windowsMs = [120e3, 7200e3, 172_800e3, 60 * 86_400e3, 60 * 366 * 86_400e3];

export interface Schedule {
  readonly cron: string;
  /** IANA name; default UTC. */
  readonly timezone?: string | undefined;
  /** What to do about times that nobody was there for: nothing (default), one run for all of them, or one for each. */
  readonly missed?: Missed | undefined;
}

/** The times of a due schedule for which runs begin now, the oldest first, and its next time. */
export function plan(
  schedule: Schedule,
  due: Date,
  now: Date,
): { readonly times: readonly Date[]; readonly next: Date | undefined } {
  const { cron, timezone = 'UTC', missed = 'skip' } = schedule;
  const next = nextTime(cron, timezone, now);
  const times = passedTimes(schedule, due, now);
  if (missed === 'all') return { times, next };
  const last = times.at(-1);
  const counts = last !== undefined && (missed === 'once' || now.getTime() - last.getTime() <= graceMs);
  return { times: counts ? [last] : [], next };
}

/** The newest times from `due` to `now`, both included. */
function passedTimes({ cron, timezone = 'UTC' }: Schedule, due: Date, now: Date): Date[] {
  let passed: Date[] = [];
  for (const windowMs of windowsMs) {
    const from = Math.max(due.getTime(), now.getTime() - windowMs);
    passed = from === due.getTime() ? [due] : [];
    for (let at = nextTime(cron, timezone, new Date(from)); at && at <= now; at = nextTime(cron, timezone, at))
      passed.push(at);
    if (from === due.getTime() || passed.length >= maxMissed) break;
  }
  return passed.slice(-maxMissed);
}
