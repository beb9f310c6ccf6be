import type { Launcher } from './launchers.ts';
import type { PackageRef } from './package-spec.ts';

/** A package at a place of the arguments. */
export interface Launched {
  readonly ref: PackageRef;
  /** Index of the argument; -1 where the package is only a part of one. */
  readonly at: number;
  /** What the argument becomes for another version. */
  readonly pinned: (version: string) => string;
}

export interface Launch {
  readonly packages: readonly Launched[];
  /** Command lines that it hands to a shell. */
  readonly shell: readonly string[];
  /** It takes packages from elsewhere than the operator's registry. */
  readonly otherRegistry: boolean;
  /** It has an option that we do not know: what runs cannot be told. */
  readonly unclear: boolean;
  /** Options with their values. */
  readonly options: readonly (readonly [name: string, value: string])[];
  /** Index of the program that it runs, where that is in no package. */
  readonly program?: number;
}

/** Reads the arguments of a launcher; undefined where it does something else with them than to launch. */
export function readLaunch(launcher: Launcher, args: readonly string[]): Launch | undefined {
  const verb = verbIn(launcher, args);
  if (!verb) return undefined;
  const options: [string, string][] = [];
  const chosen: Launched[] = [];
  const extras: Launched[] = [];
  let unclear = verb.unclear;
  let operand: number | undefined;
  for (let at = verb.unclear ? verb.to : 0; at < args.length; at += 1) {
    if (at === verb.from && verb.to > verb.from) at = verb.to;
    const arg = args[at] ?? '';
    if (arg === '--') {
      operand ??= at + 1;
      break;
    }
    if (!arg.startsWith('-') || arg === '-') {
      operand ??= at;
      if (launcher.anywhere) continue;
      break;
    }
    const [name = '', inline] = splitOption(arg);
    const wanted = kindOf(launcher, name);
    if (wanted === undefined) {
      unclear ||= !launcher.flags.includes(name) && !launcher.open && operand === undefined;
      options.push([name, inline ?? '']);
      continue;
    }
    const value = inline ?? args[at + 1] ?? '';
    const place = inline === undefined ? at + 1 : at;
    const prefix = inline === undefined ? '' : `${name}=`;
    options.push([name, value]);
    if (wanted === 'packages' || wanted === 'extras') {
      const specs = wanted === 'extras' ? value.split(',') : [value];
      for (const spec of specs) {
        const ref = launcher.read(spec);
        const pinned = (version: string) => prefix + launcher.write(ref.name, version, true);
        (wanted === 'packages' ? chosen : extras).push({ ref, at: specs.length > 1 ? -1 : place, pinned });
      }
    }
    if (inline === undefined) at += 1;
  }
  const given = operand === undefined ? undefined : args[operand];
  const runs = given !== undefined && launcher.runs !== undefined && !launcher.runs.test(given);
  if (chosen.length === 0 && operand !== undefined && given !== undefined && !runs) {
    const [ref, at] = [launcher.read(given), operand];
    chosen.push({ ref, at, pinned: (version) => launcher.write(ref.name, version, false) });
  }
  const values = (names: readonly string[] = []) => options.filter(([name]) => names.includes(name));
  return {
    packages: [...chosen, ...extras],
    shell: values(launcher.shells).map(([, value]) => value),
    otherRegistry: values(launcher.registries).length > 0,
    unclear: unclear || launcher.hidden === true,
    options,
    ...(runs && operand !== undefined && { program: operand }),
  };
}

/** Where the sub-command stands by which a program launches: behind options of its own. Empty where it needs none. */
function verbIn(launcher: Launcher, args: readonly string[]) {
  const { verbs, flags } = launcher;
  if (!verbs) return { from: 0, to: 0, unclear: false };
  let from = 0;
  let unclear = false;
  while (args[from]?.startsWith('-')) {
    const [name = '', inline] = splitOption(args[from] ?? '');
    const valued = inline === undefined && kindOf(launcher, name) !== undefined;
    unclear ||= !flags.includes(name) && kindOf(launcher, name) === undefined;
    from += valued ? 2 : 1;
  }
  const words = (verb: string) => verb.split(' ');
  const firsts = verbs.map((one) => words(one)[0]);
  const verb = verbs.find((one) => words(one).every((word, at) => args[from + at] === word));
  if (verb !== undefined && !unclear) return { from, to: from + words(verb).length, unclear };
  // An option that is not known may have a value: better to read too much than nothing.
  const at = unclear ? args.findIndex((arg) => firsts.includes(arg)) : -1;
  if (at >= 0) return { from: at, to: at + 1, unclear };
  return launcher.bare ? { from: 0, to: 0, unclear: false } : undefined;
}

function splitOption(arg: string): [string, string | undefined] {
  const equals = arg.indexOf('=');
  return equals < 0 ? [arg, undefined] : [arg.slice(0, equals), arg.slice(equals + 1)];
}

function kindOf(launcher: Launcher, name: string) {
  const kinds = ['packages', 'extras', 'shells', 'registries', 'valued'] as const;
  return kinds.find((kind) => launcher[kind]?.includes(name));
}
