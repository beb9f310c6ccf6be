import { invalidPath } from './errors.ts';

const maxPath = 512;
const maxSegments = 32;

/** Where jobs work, and the only place that files go to and come from. */
export const workDirectory = '/work';

/** Throws INVALID_PATH unless this is a plain relative path: no way up, no empty part, nothing unprintable. */
export function checkFilePath(path: string): void {
  const why = faultOf(path);
  if (why) throw invalidPath(path, why);
  if (/[*?]/.test(path)) throw invalidPath(path, 'holds a * or ?, which artifacts alone may');
}

/** An artifact's pattern as one relative to the work directory: `/work/out/*.txt` is `out/*.txt`. Throws INVALID_PATH. */
export function artifactPattern(text: string): string {
  const inside = text === workDirectory ? '**' : text.startsWith(`${workDirectory}/`) ? text.slice(6) : text;
  const pattern = inside.replace(/^(\.\/)+/, '').replace(/\/+$/, '');
  const why = faultOf(pattern);
  if (why) throw invalidPath(text, why);
  return pattern;
}

/** Whether a path that came out of a container may become a name; a container can make any. */
export function isPlainPath(path: string): boolean {
  return faultOf(path) === undefined;
}

function faultOf(path: string): string | undefined {
  if (path === '') return 'is empty';
  if (path.startsWith('/')) return 'is not below /work';
  if (path.length > maxPath) return `is longer than ${maxPath} characters`;
  if (!path.isWellFormed()) return 'is no Unicode text';
  // Backslashes too: on another system they lead elsewhere.
  if (/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\\\ufffd]/u.test(path)) return 'holds a character that names must not hold';
  const parts = path.split('/');
  if (parts.length > maxSegments) return `has more than ${maxSegments} parts`;
  if (parts.some((part) => part === '' || part === '.' || part === '..')) return 'holds an empty part, "." or ".."';
  return undefined;
}

/**
 * Whether a path matches a pattern: `*` and `?` within a part, `**` for any number of parts; a pattern without them also means
 * all below it. Takes time in proportion to both lengths, whatever they hold.
 */
export function matchesPattern(pattern: string, path: string): boolean {
  const [wanted, parts] = [pattern.split('/'), path.split('/')];
  if (wanted.length <= parts.length && wanted.every((part, at) => part === parts[at])) return true;
  return greedy(wanted, parts, '**', (part, text) => greedy([...part], [...text], '*', (a, b) => a === '?' || a === b));
}

/** The part of a pattern that holds no wildcard: where to look for it. */
export function baseOf(pattern: string): string {
  const parts = pattern.split('/');
  const wild = parts.findIndex((part) => /[*?]/.test(part));
  return (wild < 0 ? parts : parts.slice(0, wild)).join('/');
}

/** Matches with a star for any number of items; on a mismatch only the last star takes one more. */
function greedy(
  wanted: readonly string[],
  items: readonly string[],
  star: string,
  same: (wanted: string, item: string) => boolean,
): boolean {
  let [at, item, lastStar, taken] = [0, 0, -1, 0];
  while (item < items.length) {
    const next = wanted[at];
    if (next === star) {
      lastStar = at;
      taken = item;
      at += 1;
    } else if (next !== undefined && same(next, items[item] ?? '')) {
      at += 1;
      item += 1;
    } else if (lastStar >= 0) {
      at = lastStar + 1;
      taken += 1;
      item = taken;
    } else return false;
  }
  return wanted.slice(at).every((part) => part === star);
}
