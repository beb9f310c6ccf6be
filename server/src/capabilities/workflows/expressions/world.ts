import { seededRandom } from './random.ts';

const RealDate = Date;
const realRandom = Math.random;

/**
 * Runs `body` in a world whose time stands still at `clock` and whose chance follows from `seed`: all of JSONata's functions
 * ask these two, `$toMillis` with a picture among them, which fills in today's date. Only for a process of its own.
 */
export async function inRecordedWorld<Result>(
  clock: string,
  seed: string,
  body: () => Promise<Result>,
): Promise<Result> {
  const now = RealDate.parse(clock);
  const begun = { wall: RealDate.now(), processor: process.cpuUsage() };
  class RecordedDate extends RealDate {
    constructor(...given: unknown[]) {
      super(...((given.length === 0 ? [now] : given) as [number]));
    }

    /** Only JSONata's guard asks it: how long the process worked, so that a busy machine is not taken for a busy expression. */
    static override now(): number {
      const wall = RealDate.now() - begun.wall;
      if (wall < 500) return 0;
      const { user, system } = process.cpuUsage(begun.processor);
      return (user + system) / 1000;
    }
  }
  globalThis.Date = RecordedDate as DateConstructor;
  Math.random = seededRandom(seed);
  try {
    return await body();
  } finally {
    globalThis.Date = RealDate;
    Math.random = realRandom;
  }
}
