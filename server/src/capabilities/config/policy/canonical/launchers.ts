import {
  denoPackage,
  goPackage,
  imagePackage,
  npmPackage,
  nugetPackage,
  type PackageRef,
  pypiPackage,
} from './package-spec.ts';

/** How a program that fetches and runs packages reads its arguments. */
export interface Launcher {
  readonly read: (spec: string) => PackageRef;
  /** The same package at another version. */
  readonly write: (name: string, version: string, option: boolean) => string;
  /** Sub-commands that make it one; without them the program itself is. */
  readonly verbs?: readonly string[];
  /** Options whose value is a package to run instead of the first operand. */
  readonly packages: readonly string[];
  /** Options whose value is a package beside it. */
  readonly extras?: readonly string[];
  /** Options whose value is a command line for a shell. */
  readonly shells?: readonly string[];
  /** Options whose value says where packages come from. */
  readonly registries?: readonly string[];
  /** Options with any other value. */
  readonly valued: readonly string[];
  /** Options without a value. Any option that is in no list makes the command unclear, */
  readonly flags: readonly string[];
  /** unless it has so many that any other counts as one. */
  readonly open?: true;
  /** It launches without a sub-command as well. */
  readonly bare?: true;
  /** Its options count behind its operand as well. */
  readonly anywhere?: true;
  /** It runs a program that is there; an operand like this is a package all the same. */
  readonly runs?: RegExp;
  /** What it runs is not what its operand names. */
  readonly hidden?: true;
}

const npm: Omit<Launcher, 'verbs'> = {
  read: npmPackage,
  write: (name, version) => `${name}@${version}`,
  packages: ['-p', '--package'],
  shells: ['-c', '--call'],
  registries: ['--registry', '--userconfig', '--globalconfig', '--config', '-C', '--dir', '--cwd', '--prefix'],
  valued: ['--cache', '--loglevel', '-w', '--workspace'],
  flags: [
    '-y',
    '--yes',
    '-n',
    '--no',
    '--no-install',
    '-q',
    '--quiet',
    '-s',
    '--silent',
    '--prefer-offline',
    '--offline',
  ].concat(['--prefer-online', '--ignore-existing', '--bun', '--no-update-notifier', '--no-fund', '--no-audit']),
};

const pypi: Omit<Launcher, 'verbs'> = {
  read: pypiPackage,
  write: (name, version, option) => (option ? `${name}==${version}` : `${name}@${version}`),
  packages: ['--from', '--spec'],
  extras: ['--with', '--with-editable'],
  registries: ['--index-url', '-i', '--index', '--default-index', '--extra-index-url', '--find-links', '-f'].concat([
    '--pip-args',
    '--config-file',
    '--with-requirements',
    '--directory',
    '--project',
  ]),
  valued: [
    '-p',
    '--python',
    '--cache-dir',
    '--env-file',
    '--exclude-newer',
    '--refresh-package',
    '--python-preference',
  ],
  flags: [
    '-q',
    '--quiet',
    '-v',
    '--verbose',
    '--isolated',
    '--refresh',
    '--offline',
    '-n',
    '--no-cache',
    '--no-config',
  ].concat(['--no-progress', '--no-project', '--no-env-file', '--native-tls', '--managed-python', '--no-build']),
};

/** Runs what is in a project, with packages beside it. */
const uvRun: Launcher = {
  ...pypi,
  verbs: ['run'],
  runs: /^https?:/i,
  packages: [],
  extras: ['--with', '-w', '--with-editable'],
  registries: pypi.registries?.filter((option) => !['--directory', '--project'].includes(option)) ?? [],
  valued: pypi.valued
    .concat(['--directory', '--project', '--package', '--extra', '--no-extra', '--group', '--no-group', '--only-group'])
    .concat(['--color', '--link-mode', '--resolution', '--prerelease', '--python-platform', '--keyring-provider'])
    .concat(['--upgrade-package', '-P', '--reinstall-package', '--allow-insecure-host', '--config-setting']),
  flags: pypi.flags
    .concat(['-m', '--module', '-s', '--script', '--gui-script', '--no-sync', '--frozen', '--locked', '--active'])
    .concat(['--dev', '--no-dev', '--only-dev', '--all-extras', '--all-groups', '--all-packages', '--exact'])
    .concat(['--no-editable', '--reinstall', '-U', '--upgrade', '--compile-bytecode', '--no-build-isolation'])
    .concat(['--no-managed-python', '--no-python-downloads', '--system-certs', '--no-sources', '--no-default-groups']),
};

const nuget: Launcher = {
  read: nugetPackage,
  write: (name, version) => `${name}@${version}`,
  packages: [],
  registries: ['--source', '--add-source', '--configfile'],
  valued: ['--version', '--verbosity', '-v'],
  flags: ['-y', '--yes', '--prerelease', '--interactive', '--ignore-failed-sources'],
  anywhere: true,
};

const containers: Launcher = {
  read: imagePackage,
  write: (name, version) => (version.startsWith('sha256:') ? `${name}@${version}` : `${name}:${version}`),
  verbs: ['run', 'container run'],
  packages: [],
  valued: ['-e', '--env', '--env-file', '-v', '--volume', '--mount', '--name', '--network', '--net', '-p', '--publish']
    .concat(['-u', '--user', '-w', '--workdir', '--entrypoint', '--platform', '--pull', '-m', '--memory', '--cpus'])
    .concat(['-l', '--label', '-h', '--hostname', '--add-host', '--dns', '--cap-add', '--cap-drop', '--security-opt'])
    .concat(['--device', '--pid', '--ipc', '--userns', '--tmpfs', '--ulimit', '--restart', '--pids-limit', '--runtime'])
    .concat(['--gpus', '--shm-size', '--log-driver', '--stop-timeout', '--group-add', '--volumes-from', '--uts']),
  flags: [
    '-i',
    '--interactive',
    '-t',
    '--tty',
    '-it',
    '-ti',
    '--rm',
    '--init',
    '-d',
    '--detach',
    '--privileged',
  ].concat(['--read-only', '-q', '--quiet', '--no-healthcheck', '-P', '--publish-all', '--sig-proxy']),
};

/** Run `create-<name>`. */
const makers: Launcher = { ...npm, verbs: ['init', 'create', 'innit', 'c'], hidden: true };
/** Runs what stands in a file. */
const compose: Launcher = { ...containers, verbs: ['compose'], hidden: true };

/** By program, without `.exe` and `.cmd`. */
const launchers: ReadonlyMap<string, readonly Launcher[]> = new Map<string, readonly Launcher[]>([
  ['npx', [npm]],
  ['pnpx', [npm]],
  ['bunx', [npm]],
  ['npm', [{ ...npm, verbs: ['exec', 'x'], anywhere: true }, makers]],
  ['pnpm', [{ ...npm, verbs: ['dlx', 'exec'] }, makers]],
  ['yarn', [{ ...npm, verbs: ['dlx', 'exec'] }, makers]],
  ['bun', [{ ...npm, verbs: ['x', 'run x'] }, makers]],
  ['uvx', [pypi]],
  ['uv', [{ ...pypi, verbs: ['tool run', 'x'] }, uvRun]],
  ['pipx', [{ ...pypi, verbs: ['run'], write: (name, version) => `${name}==${version}` }]],
  ['docker', [containers, compose]],
  ['podman', [containers, compose]],
  ['nerdctl', [containers, compose]],
  ['docker-compose', [{ ...compose, verbs: ['run', 'up'] }]],
  ['dnx', [nuget]],
  ['dotnet', [{ ...nuget, verbs: ['tool exec', 'tool execute', 'dnx'] }]],
  [
    'go',
    [
      {
        read: goPackage,
        write: (name, version) => `${name}@${version}`,
        verbs: ['run'],
        packages: [],
        shells: ['-exec', '-toolexec'],
        valued: ['-mod', '-modfile', '-tags', '-ldflags', '-overlay'],
        flags: ['-v', '-x', '-a', '-race'],
      },
    ],
  ],
  [
    'deno',
    [
      {
        read: denoPackage,
        write: (name, version) => `${name}@${version}`,
        verbs: ['run', 'serve', 'x'],
        bare: true,
        open: true,
        runs: /^(npm|jsr|https?):/i,
        packages: [],
        registries: ['--import-map', '--config', '-c', '--lock', '--cert'],
        valued: ['--ext', '--seed', '--location', '--env-file', '--preload'],
        flags: [],
      },
    ],
  ],
]);

/** How a program launches what is elsewhere; nothing for one that does not. */
export function launchersOf(base: string): readonly Launcher[] {
  return launchers.get(base) ?? [];
}
