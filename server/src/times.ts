const unitMs: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 };

/** The time that `30m`, `12h`, `90d` or a date stand for: from now on, or ago. An invalid date where it is none of them. */
export function timeOf(text: string, direction: 'ahead' | 'ago'): Date {
  const [, count, unit = ''] = /^(\d{1,5})([mhd])$/.exec(text) ?? [];
  if (count === undefined) return new Date(text);
  const ms = Number(count) * (unitMs[unit] ?? 0);
  return new Date(Date.now() + (direction === 'ahead' ? ms : -ms));
}
