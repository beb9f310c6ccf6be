import type { Program } from './canonical/command.ts';
import { isWithin, mayBeWithin, type PackageRef } from './canonical/package-spec.ts';
import { fold, foldArgument } from './canonical/text.ts';
import { canonicalUrlPattern, splitUrl } from './canonical/url.ts';
import type { Match, Rule } from './document.ts';
import type { Fact } from './facts.ts';
import { fits, type Globs, listOf, matchesGlob } from './glob.ts';
import type { Item, LookedAt } from './items.ts';

/**
 * How a doubtful thing counts. `wide`, for all rules but `allow`: when any of it fits, in any spelling. `narrow`, for `allow`: when all
 * of it fits, as it stands. Doubt never lets anything through.
 */
export type Width = 'wide' | 'narrow';

/** What came out before: each of a server's many arguments asks for the server anew. Neither a rule nor what was seen ever changes. */
const answers = { wide: new WeakMap<Match, WeakMap<LookedAt, boolean>>(), narrow: new WeakMap() } satisfies Record<
  Width,
  WeakMap<Match, WeakMap<LookedAt, boolean>>
>;

/** Whether a server is one that a rule is about. */
export function fitsServer(match: Match, server: LookedAt, width: Width): boolean {
  const known = answers[width].get(match) ?? new WeakMap<LookedAt, boolean>();
  answers[width].set(match, known);
  const answer = known.get(server) ?? compare(match, server, width);
  known.set(server, answer);
  return answer;
}

function compare(match: Match, server: LookedAt, width: Width): boolean {
  const { seen, raw } = server;
  const wide = width === 'wide';
  // An address that leads who knows where is one that any rule but `allow` is about.
  const isDoubtful = server.url !== undefined && (!seen.given.url || seen.given.url.unresolved);
  const programs = wide
    ? [seen.command, seen.given.command].flatMap((one) => one?.programs ?? [])
    : seen.given.command?.programs;
  const urls = [...(wide ? [seen.url] : []), seen.given.url].flatMap((url) => (url ? [url.href] : []));
  const text = (field: unknown) => (typeof field === 'string' ? field : '');
  const tests: readonly [keyof Match, (globs: Globs) => boolean][] = [
    ['server', (globs) => fits(globs, [server.name], wide ? fold : undefined)],
    ['transport', (globs) => fits(globs, [text(raw.transport ?? raw.type)], fold)],
    ['command', (globs) => most(programs ?? [], (program) => fitsProgram(globs, program, wide))],
    ['package', (globs) => most(packagesOf(server, width), (one) => fitsPackage(globs, match.versions, one, wide))],
    ['host', (globs) => (isDoubtful ? wide : seen.url !== undefined && fits(globs, [seen.url.host], fold))],
    ['url', (globs) => (isDoubtful ? wide : urls.some((href) => fitsUrl(globs, href)))],
    ['source', (globs) => fits(globs, [sourceOf(server)])],
    ['fact', (globs) => listOf(globs).some((fact) => seen.facts.has(fact as Fact))],
  ];
  const most = <T>(items: readonly T[], test: (item: T) => boolean) =>
    wide ? items.some(test) : items.length > 0 && items.every(test);
  return tests.every(([key, test]) => match[key] === undefined || test(match[key]));
}

/** Whether the thing itself has the name and the value that a rule wants. */
export function fitsItem({ match, on, action }: Rule, item: Item, width: Width): boolean {
  const wide = width === 'wide';
  // Variables and headers are the same in any case, so `allow` sees them so, too.
  const names = wide ? fold : lowerCase;
  if (match.name !== undefined && !fits(match.name, [item.name ?? ''], names)) return false;
  if (match.value === undefined) return true;
  const value = typeof item.value === 'string' ? item.value : JSON.stringify(item.value ?? null);
  if (!wide) return fits(match.value, [value]);
  // Where values are named they are identifiers: one that could be a look-alike of another counts as denied.
  if (on === 'path' && action === 'deny' && /[^\x20-\x7e]/.test(value)) return true;
  const form = on === 'arg' ? foldArgument : fold;
  // A value beside a flag is a value, too.
  const said = item.server?.resolve(value) ?? value;
  const spellings = on === 'arg' ? [value, said, said.replace(/^-[^=]*=/, '')] : [value, said];
  return fits(match.value, spellings, form);
}

function lowerCase(text: string): string {
  return text.toLowerCase();
}

function fitsProgram(globs: Globs, { given, base }: Program, wide: boolean): boolean {
  if (!wide) return fits(globs, [given]);
  // What an input decides could be anything.
  if (given.includes('${')) return true;
  return listOf(globs).some((pattern) => {
    const path = /[\\/]/.test(pattern);
    return matchesGlob(
      path ? foldArgument(pattern) : fold(pattern).replace(/\.(exe|cmd|bat|com|ps1)$/, ''),
      path ? foldArgument(given) : base,
    );
  });
}

/** The packages that a server runs: those of its command, and the one that it says it is. */
export function packagesOf({ seen, raw }: LookedAt, width: Width = 'wide'): PackageRef[] {
  const said = raw.package as { registry?: unknown; identifier?: unknown; version?: unknown } | undefined;
  const declared: PackageRef[] =
    typeof said?.identifier === 'string'
      ? [
          {
            registry: String(said.registry) as 'npm',
            name: fold(said.identifier),
            version: String(said.version),
            exact: true,
          },
        ]
      : [];
  const commands = width === 'narrow' ? [seen.given.command] : new Set([seen.command, seen.given.command]);
  return [...[...commands].flatMap((one) => one?.packages ?? []).map(({ ref }) => ref), ...declared];
}

function fitsPackage(globs: Globs, versions: string | undefined, ref: PackageRef, wide: boolean): boolean {
  const short = ref.registry === 'oci' ? ref.name.replace(/^docker\.io\/(library\/)?/, '') : ref.name;
  if (wide && `${ref.name} ${ref.version}`.includes('${')) return true;
  const spellings = [`${ref.registry}:${ref.name}`, `${ref.registry}:${short}`];
  if (!fits(globs, spellings, fold)) return false;
  return versions === undefined || (wide ? mayBeWithin(ref, versions) : isWithin(ref, versions));
}

function fitsUrl(globs: Globs, href: string): boolean {
  const { authority, rest } = splitUrl(href);
  return listOf(globs).some((pattern) => {
    const wanted = canonicalUrlPattern(pattern);
    const given = wanted.authority.includes('://') ? authority : authority.replace(/^[a-z]+:\/\//, '');
    return matchesGlob(wanted.authority, given) && matchesGlob(wanted.rest, rest);
  });
}

function sourceOf({ raw }: LookedAt): string {
  const source = raw.source as { catalog?: unknown } | undefined;
  return typeof source?.catalog === 'string' ? source.catalog : '';
}
