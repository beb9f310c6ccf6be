import { TimeMatcher, validateCrontab, validateTimezone } from '@dbos-inc/dbos-sdk/internal/scheduler/crontab';

/** What is wrong with a cron expression (5 fields, or 6 with seconds first) or a time zone (IANA name); undefined when nothing is. */
export function checkCron(cron: string, timezone = 'UTC'): string | undefined {
  try {
    validateTimezone(timezone);
  } catch {
    return `${JSON.stringify(timezone.slice(0, 60))} is no time zone`;
  }
  try {
    validateCrontab(cron);
  } catch (error) {
    return error instanceof Error ? error.message.slice(0, 200) : 'is no cron expression';
  }
  return nextTime(cron, timezone, new Date()) ? undefined : 'never comes';
}

/** The first time of a schedule after another one; undefined when none ever comes. */
export function nextTime(cron: string, timezone: string, after: Date): Date | undefined {
  const matcher = new TimeMatcher(cron, timezone);
  const next = matcher.nextWakeupTime(after);
  return matcher.match(next) ? next : undefined;
}
