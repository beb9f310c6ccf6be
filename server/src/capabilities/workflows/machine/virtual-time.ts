import type { Time } from './needs.ts';

/** Time that stands still while something is done, and passes in no time while a run only waits. */
export function virtualTime(start: Date): Time {
  const alarms = new Set<{ readonly at: number; readonly fire: () => void }>();
  let now = start.getTime();
  return {
    now: () => new Date(now),
    at(time, fire) {
      const alarm = { at: time.getTime(), fire };
      alarms.add(alarm);
      return () => void alarms.delete(alarm);
    },
    idle(until) {
      now = Math.max(now, until.getTime());
      for (const alarm of [...alarms].sort((a, b) => a.at - b.at)) {
        if (alarm.at <= now && alarms.delete(alarm)) alarm.fire();
      }
      return 'stay';
    },
  };
}
