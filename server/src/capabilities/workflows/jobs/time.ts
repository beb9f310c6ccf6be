import type { Time } from '../machine/needs.ts';

/** Waits that are longer than this are not held in memory. */
const parkAfterMs = 5000;
/** The longest that a timer of Node takes. */
const longestMs = 2 ** 31 - 1;

/** Time as it passes: short waits are timers, for long ones the run parks. So it does when the process is about to stop. */
export function realTime(draining: AbortSignal): Time {
  return {
    now: () => new Date(),
    at(time, fire) {
      let timer: NodeJS.Timeout;
      const begin = () => {
        const left = time.getTime() - Date.now();
        timer = left <= longestMs ? setTimeout(fire, Math.max(0, left)) : setTimeout(begin, longestMs);
      };
      begin();
      return () => clearTimeout(timer);
    },
    idle: (until) => (draining.aborted || until.getTime() - Date.now() > parkAfterMs ? 'park' : 'stay'),
  };
}
