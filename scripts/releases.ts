// Reads what is kept of each release in server/test/fixtures/release-<version>, and the catalogue as it is now.
import { readdirSync, readFileSync } from 'node:fs';
import type { Face } from './catalogue-breaks.ts';

const fixtures = new URL('../server/test/fixtures/', import.meta.url);
const catalogue = new URL('../server/catalog/', import.meta.url);

export interface Release {
  readonly version: string;
  /** Ends with a slash. */
  readonly directory: URL;
}

/** The version that server/package.json has now. */
export function currentVersion(): string {
  return JSON.parse(readFileSync(new URL('../server/package.json', import.meta.url), 'utf8')).version;
}

/** Where what is kept of a release belongs. */
export function releaseDirectory(version: string): URL {
  return new URL(`release-${version}/`, fixtures);
}

/** Every release of which something is kept, oldest first. */
export function releases(): Release[] {
  return readdirSync(fixtures)
    .flatMap((name) => /^release-(\d+\.\d+\.\d+)$/.exec(name)?.[1] ?? [])
    .sort((a, b) => a.localeCompare(b, 'en', { numeric: true }))
    .map((version) => ({ version, directory: releaseDirectory(version) }));
}

/** The newest release and the faces of its tools. */
export function lastRelease(): { readonly version: string; readonly faces: Face[] } {
  const last = releases().at(-1);
  if (!last) throw new Error('no release is kept in server/test/fixtures');
  const faces = JSON.parse(readFileSync(new URL('catalogue.json', last.directory), 'utf8'));
  return { version: last.version, faces };
}

/** The committed faces of all tools, in the order of their names. */
export function currentFaces(): Face[] {
  return readdirSync(catalogue)
    .sort()
    .map((file) => JSON.parse(readFileSync(new URL(file, catalogue), 'utf8')));
}
