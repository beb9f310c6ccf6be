import semver from 'semver';

/** A package that a command makes its launcher fetch and run. */
export interface PackageRef {
  readonly registry: 'npm' | 'pypi' | 'oci' | 'nuget' | 'go' | 'other';
  /** In the spelling of its registry. */
  readonly name: string;
  readonly version: string | undefined;
  /** Whether this names one content for good: a whole version, for images a digest. */
  readonly exact: boolean;
}

/** Where a package comes from that is in no registry: a git repository, a file, an archive. */
const elsewhere = (spec: string): PackageRef => ({ registry: 'other', name: spec, version: undefined, exact: false });

/** Reads what npm takes for a package: `name`, `@scope/name@1.2.3`, `alias@npm:name@1`, or something that is in no registry. */
export function npmPackage(spec: string): PackageRef {
  const aliased = /^(?:@[^/@]+\/)?[^/@]+@npm:(.+)$/i.exec(spec)?.[1] ?? spec.replace(/^npm:/i, '');
  const found = /^(@[a-z0-9~._-]+\/[a-z0-9~._-]+|[a-z0-9~._-]+)(?:@(.*))?$/is.exec(aliased);
  if (!found || /^[.~]/.test(aliased)) return elsewhere(spec);
  const [, name = '', version] = found;
  if (version !== undefined && /[:/\\]/.test(version)) return elsewhere(spec);
  const exact = version === undefined ? null : semver.valid(version);
  return { registry: 'npm', name: name.toLowerCase(), version: exact ?? version, exact: exact !== null };
}

/** Reads what uv and pipx take: `name`, `name[extra]==1.2.3`, `name@1.2.3`. Names in the one spelling of PEP 503. */
export function pypiPackage(spec: string): PackageRef {
  const found = /^([a-z0-9](?:[a-z0-9._-]*[a-z0-9])?)(?:\[[^\]]*\])?\s*(.*)$/is.exec(spec);
  const [, name = '', rest = ''] = found ?? [];
  if (!found || /[:/\\]/.test(rest)) return elsewhere(spec);
  const version = rest === '' ? undefined : /^(?:={2,3}|@)\s*(.+)$/.exec(rest)?.[1];
  const exact =
    version !== undefined &&
    /^v?(\d+!)?\d+(\.\d+)*((a|b|rc)\d+)?(\.post\d+)?(\.dev\d+)?(\+[a-z0-9.]+)?$/i.test(version);
  return {
    registry: 'pypi',
    name: name.toLowerCase().replace(/[-_.]+/g, '-'),
    version: version ?? (rest === '' ? undefined : rest),
    exact,
  };
}

/** Reads the name of an image as Docker does: `docker.io/library` stands before a bare one. Only a digest is exact. */
export function imagePackage(spec: string): PackageRef {
  const found = /^([^@]+?)(?::([\w][\w.-]{0,127}))?(?:@(sha256:[a-f0-9]{64}))?$/.exec(spec);
  if (!found) return elsewhere(spec);
  const [, given = '', tag, digest] = found;
  const [first = '', ...rest] = given.split('/');
  const hosted = rest.length > 0 && (/[.:]/.test(first) || first === 'localhost');
  const path = hosted ? given : `docker.io/${rest.length === 0 ? 'library/' : ''}${given}`;
  const name = path.toLowerCase().replace(/^index\.docker\.io\//, 'docker.io/');
  return { registry: 'oci', name, version: digest ?? tag, exact: digest !== undefined };
}

/** Reads `Name@1.2.3` of NuGet, whose names know no case. */
export function nugetPackage(spec: string): PackageRef {
  const [name = '', version] = spec.split('@');
  const exact = version !== undefined && semver.valid(version) !== null;
  return { registry: 'nuget', name: name.toLowerCase(), version, exact };
}

/** Reads `module/path@v1.2.3` of Go. */
export function goPackage(spec: string): PackageRef {
  const [name = '', version] = spec.split('@');
  const exact = version !== undefined && /^v/.test(version) && semver.valid(version) !== null;
  return { registry: 'go', name, version, exact };
}

/** Reads what Deno takes besides files: `npm:name@1.2.3/file`, `jsr:@scope/name@1.2.3`, an address. */
export function denoPackage(spec: string): PackageRef {
  const [, registry = '', rest = ''] = /^(npm|jsr):\/*(.*)$/is.exec(spec) ?? [];
  const [, name = '', version] = /^(@[^/@]+\/[^/@]+|[^/@]+)(?:@([^/]*))?(?:\/.*)?$/s.exec(rest) ?? [];
  if (name === '') return elsewhere(spec);
  const read = npmPackage(version === undefined ? name : `${name}@${version}`);
  return registry.toLowerCase() === 'npm' ? read : { ...read, registry: 'other', name: `jsr:${read.name}` };
}

/** Whether a package may be of a version within a range: of what is not exact, anything that it may come to. */
export function mayBeWithin({ version, exact }: PackageRef, range: string): boolean {
  if (version === undefined) return true;
  if (exact) return satisfies(version, range);
  const wanted = semver.validRange(version, { includePrerelease: true });
  return wanted === null || semver.intersects(wanted, range, { includePrerelease: true });
}

/** Whether a package is of exactly one version, within a range. */
export function isWithin({ version, exact }: PackageRef, range: string): boolean {
  return exact && version !== undefined && satisfies(version, range);
}

function satisfies(version: string, range: string): boolean {
  const plain = semver.valid(version) ?? semver.coerce(version)?.version;
  return plain !== undefined && semver.satisfies(plain, range, { includePrerelease: true });
}
