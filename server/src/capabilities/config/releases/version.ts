import semver from 'semver';
import { AppError } from '../../../core/errors.ts';

/** The version of a new artifact: the one that was asked for, which must be new, or the next patch after the highest. */
export function versionFor(wanted: string | null, taken: readonly string[]): string {
  if (wanted === null) {
    const highest = semver.rsort(taken.filter((one) => semver.prerelease(one) === null)).at(0);
    return (highest === undefined ? undefined : semver.inc(highest, 'patch')) ?? '1.0.0';
  }
  if (!taken.includes(wanted)) return wanted;
  throw new AppError(
    'ALREADY_EXISTS',
    `There is a version ${wanted} of this configuration already, and it never changes.`,
    'Choose another version, or leave it out for the next one.',
    { version: wanted },
  );
}
