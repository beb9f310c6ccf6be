// What of a released catalogue a newer one breaks for its callers, and whether its version allows that.
// node scripts/catalogue-breaks.ts compares server/catalog with the last release; a test does the same.
import { fileURLToPath } from 'node:url';
import { currentFaces, lastRelease } from './releases.ts';
import { misfits, type Schema } from './schema-fits.ts';

/** The part of a catalogue file that callers rely on. */
export interface Face {
  readonly name: string;
  readonly toolset: string;
  readonly effect: string;
  readonly scope: string;
  readonly aliases: readonly string[];
  readonly inputSchema: Schema;
  readonly outputSchema: Schema;
}

/**
 * One sentence for each thing that a caller of `released` can no longer rely on in `current`. Added tools, added
 * optional input, wider input and added output are none. Words, defaults and behaviour are not compared.
 */
export function catalogueBreaks(released: readonly Face[], current: readonly Face[]): string[] {
  return released.flatMap((old) => {
    return [old.name, ...old.aliases].flatMap((name) => {
      const now = current.find((face) => face.name === name) ?? current.find((face) => face.aliases.includes(name));
      if (!now) return [`${name}: is gone; a new name needs the old one among its aliases`];
      return name === old.name ? faceBreaks(old, now) : [];
    });
  });
}

function faceBreaks(old: Face, now: Face): string[] {
  const changed = (['toolset', 'effect', 'scope'] as const)
    .filter((key) => old[key] !== now[key])
    .map((key) => `${key} is ${now[key]}, was ${old[key]}`);
  return [
    ...changed,
    ...misfits(old.inputSchema, now.inputSchema).map((reason) => `input: ${reason}`),
    ...misfits(now.outputSchema, old.outputSchema, true).map((reason) => `output: ${reason}`),
  ].map((reason) => `${old.name}: ${reason}`);
}

/** Whether a release may break what the one before promised: a higher major, or below 1.0.0 a higher minor. */
export function mayBreak(released: string, next: string): boolean {
  const [major, minor] = numbers(released);
  const [nextMajor, nextMinor] = numbers(next);
  return nextMajor > major || (major === 0 && nextMajor === 0 && nextMinor > minor);
}

function numbers(version: string): readonly [number, number] {
  const found = /^(\d+)\.(\d+)\.\d+/.exec(version);
  if (!found) throw new Error(`${version} is no version`);
  return [Number(found[1]), Number(found[2])];
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { version, faces } = lastRelease();
  const breaks = catalogueBreaks(faces, currentFaces());
  process.stdout.write([`Since ${version}: ${breaks.length} breaks.`, ...breaks, ''].join('\n'));
}
