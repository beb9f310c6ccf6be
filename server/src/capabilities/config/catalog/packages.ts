import semver from 'semver';
import { failure, type NeutralServer, type Problem } from '../families/neutral.ts';
import { imagePackage } from '../policy/canonical/package-spec.ts';
import type { RegistryArgument, RegistryPackage } from './server-json.ts';
import type { Templates } from './templates.ts';

/** How a package of each registry is run, at exactly its version. Nothing else is ever started for one. */
const runners = {
  npm: { program: 'npx', base: 'https://registry.npmjs.org', before: ['-y'] },
  pypi: { program: 'uvx', base: 'https://pypi.org', before: [] },
  oci: { program: 'docker', base: undefined, before: ['run', '-i', '--rm'] },
  nuget: { program: 'dnx', base: 'https://api.nuget.org', before: [] },
} as const;

type Runner = keyof typeof runners;
const names: Readonly<Record<Runner, RegExp>> = {
  npm: /^(@[a-z0-9][a-z0-9._-]*\/)?[a-z0-9][a-z0-9._-]*$/,
  pypi: /^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?$/,
  // A tag other than latest, or a digest.
  oci: /^[a-z0-9][a-z0-9.:/_-]*(:(?!latest$)[A-Za-z0-9_][A-Za-z0-9._-]{0,127}|@sha256:[a-f0-9]{64})$/,
  nuget: /^[A-Za-z0-9][A-Za-z0-9._-]*$/,
};

/** A server that runs a package. Ranges, tags such as `latest`, other registries and other programs are problems. */
export function serverOfPackage(
  given: RegistryPackage,
  path: readonly PropertyKey[],
  templates: Templates,
  problems: Problem[],
): Pick<NeutralServer, 'transport' | 'command' | 'args' | 'env' | 'package'> | undefined {
  const fail = (field: string, why: string) => void problems.push(failure([...path, field], why));
  if (!Object.hasOwn(runners, given.registryType)) {
    fail('registryType', `A package of ${JSON.stringify(given.registryType)} cannot be run by a command.`);
    return undefined;
  }
  const registry = given.registryType as Runner;
  const { program, base, before } = runners[registry];
  if (given.transport.type !== 'stdio')
    fail('transport', 'A package that listens on a port cannot be started here: choose another one, or a remote.');
  if (!names[registry].test(given.identifier)) fail('identifier', `It is no exact name of a package of ${registry}.`);
  const from = base ?? `https://${imagePackage(given.identifier).name.split('/')[0]}`;
  if (given.registryBaseUrl && !sameHost(given.registryBaseUrl, from))
    fail('registryBaseUrl', `${program} would take the package from ${from}, not from there.`);
  if (given.runtimeHint !== undefined && given.runtimeHint !== program)
    fail('runtimeHint', `A package of ${registry} is run by ${program}.`);
  const version = exactVersion(given, registry);
  if (!version) fail('version', 'It is no exact version, or another one than the identifier names.');

  const env: Record<string, string> = {};
  for (const [at, variable] of given.environmentVariables.entries()) {
    const text = templates.text(variable, variable.name, [...path, 'environmentVariables', at], 'env');
    if (text !== undefined) env[variable.name] = text;
  }
  const runtime = argumentsOf(given.runtimeArguments, [...path, 'runtimeArguments'], templates);
  if (runtime.length > 0)
    problems.push({
      ...failure([...path, 'runtimeArguments'], `They change how ${program} runs the package: look at them.`),
      severity: 'warning',
    });
  // Docker hands a variable on only when told its name.
  const passed = registry === 'oci' ? Object.keys(env).flatMap((name) => ['-e', name]) : [];
  const wanted = registry === 'oci' ? given.identifier : `${given.identifier}@${version}`;
  const args = [...before, ...runtime, ...passed, wanted];
  return {
    transport: 'stdio',
    command: program,
    args: [...args, ...argumentsOf(given.packageArguments, [...path, 'packageArguments'], templates)],
    ...(Object.keys(env).length > 0 && { env }),
    package: {
      registry,
      identifier: given.identifier,
      version: version ?? '',
      ...(given.fileSha256 && { sha256: given.fileSha256 }),
    },
  };
}

function argumentsOf(given: readonly RegistryArgument[], path: readonly PropertyKey[], templates: Templates): string[] {
  return given.flatMap((argument, at) => {
    const here = [...path, at];
    if (argument.type === 'positional') {
      const text = templates.text(argument, argument.valueHint ?? `argument_${at}`, here);
      return text === undefined ? [] : [text];
    }
    // A flag without a value is complete.
    if (argument.value === undefined && !argument.isRequired && argument.default === undefined) return [argument.name];
    const text = templates.text(argument, argument.name.replace(/^-+/, ''), here);
    return text === undefined ? [argument.name] : [argument.name, text];
  });
}

function exactVersion({ version, identifier }: RegistryPackage, registry: Runner): string | undefined {
  if (registry === 'oci') {
    const { version: named, exact } = imagePackage(identifier);
    return version === undefined || version === named || exact ? (version ?? named) : undefined;
  }
  if (version === undefined || version === 'latest') return undefined;
  // Versions of Python and .NET are no semantic ones; none of them may hold a sign of a range.
  if (registry === 'npm') return semver.valid(version) === version ? version : undefined;
  return /^[0-9][A-Za-z0-9.+!-]*$/.test(version) && !/\.(x|\*)/i.test(version) ? version : undefined;
}

function sameHost(given: string, base: string): boolean {
  const url = URL.parse(given);
  // Docker Hub goes by several names.
  const host = url?.host.replace(/^(registry-1|index|hub)\.docker\.io$/, 'docker.io');
  return url?.protocol === 'https:' && host === URL.parse(base)?.host;
}
