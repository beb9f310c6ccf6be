import { AppError } from '../../../core/errors.ts';

/** Options of the ingest itself, which every target has; the last two are those of policies. */
const common = [
  ...['mode', 'rebuild_ratio', 'verify', 'canary_queries', 'batch_rows'],
  ...['keep_previous', 'warm_queries'],
];

/** Refuses options that this target does not have: what was asked for is never left out in silence. */
export function refuseOptions(
  target: string,
  options: Readonly<Record<string, unknown>>,
  known: readonly string[],
): void {
  const odd = Object.keys(options).filter(
    (name) => options[name] !== undefined && ![...common, ...known].includes(name),
  );
  if (odd.length === 0) return;
  throw new AppError(
    'VALIDATION_FAILED',
    `The target ${target} has no option ${odd.join(', ')}.`,
    known.length > 0 ? `Leave it out; its own options are: ${known.join(', ')}.` : 'Leave it out.',
  );
}
