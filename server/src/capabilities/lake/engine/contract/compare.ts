import type { Comparison } from './rules.ts';

/** Whether a measured value is what it has to be. `mustBeBetween` leaves its bounds out, as the standard says. */
export function holds(value: unknown, { operator, to }: Comparison): boolean {
  if (operator === 'mustBe') return equal(value, to);
  if (operator === 'mustNotBe') return !equal(value, to);
  const number = typeof value === 'boolean' || value === null ? Number.NaN : Number(value);
  const [from, until] = (Array.isArray(to) ? to : [to]).map(Number) as [number, number];
  switch (operator) {
    case 'mustBeGreaterThan':
      return number > from;
    case 'mustBeGreaterOrEqualTo':
      return number >= from;
    case 'mustBeLessThan':
      return number < from;
    case 'mustBeLessOrEqualTo':
      return number <= from;
    case 'mustBeBetween':
      return number > from && number < until;
    case 'mustNotBeBetween':
      return number <= from || number >= until;
  }
}

function equal(value: unknown, to: unknown): boolean {
  if (value === null || to === null || to === undefined) return value === (to ?? null);
  if (typeof value === 'boolean' || typeof to === 'boolean') return String(value) === String(to);
  const [a, b] = [Number(value), Number(to)];
  return Number.isNaN(a) || Number.isNaN(b) ? String(value) === String(to) : a === b;
}
