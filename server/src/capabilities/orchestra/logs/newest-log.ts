import type { LogFile } from '../client/orchestra-api.ts';

/** The last command of the newest attempt; what is named after debugging only where there is nothing else. */
export function newestLog(logs: readonly LogFile[]): LogFile | undefined {
  const newest = logs.reduce((most, log) => Math.max(most, attemptOf(log)), 0);
  const candidates = logs.filter((log) => attemptOf(log) === newest);
  return candidates.findLast(({ name }) => !/debug/i.test(name)) ?? candidates.at(-1);
}

/** By its name where nobody says which attempt wrote it. */
function attemptOf({ name, attempt }: LogFile): number {
  return attempt ?? Number(/^(\d{1,9})\//.exec(name)?.[1] ?? 0);
}
