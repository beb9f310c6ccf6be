import { goPackage, imagePackage, npmPackage, nugetPackage, type PackageRef, pypiPackage } from './package-spec.ts';

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
  /** Options without a value. Any option that is in no list makes the command unclear. */
  readonly flags: readonly string[];
}

const npm: Omit<Launcher, 'verbs'> = {
  read: npmPackage,
  write: (name, version) => `${name}@${version}`,
  packages: ['-p', '--package'],
  shells: ['-c', '--call'],
  registries: ['--registry', '--userconfig', '--globalconfig', '--config', '-C', '--dir', '--cwd'],
  valued: ['--cache', '--prefix', '--loglevel', '-w', '--workspace'],
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

/** By program, without `.exe` and `.cmd`. */
export const launchers: Readonly<Record<string, Launcher>> = Object.assign(Object.create(null), {
  npx: npm,
  pnpx: npm,
  bunx: npm,
  npm: { ...npm, verbs: ['exec', 'x'] },
  pnpm: { ...npm, verbs: ['dlx', 'exec'] },
  yarn: { ...npm, verbs: ['dlx', 'exec'] },
  bun: { ...npm, verbs: ['x', 'run x'] },
  uvx: pypi,
  uv: { ...pypi, verbs: ['tool run', 'x'] },
  pipx: { ...pypi, verbs: ['run'], write: (name: string, version: string) => `${name}==${version}` },
  docker: containers,
  podman: containers,
  nerdctl: containers,
  dnx: {
    read: nugetPackage,
    write: (name, version) => `${name}@${version}`,
    packages: [],
    registries: ['--source', '--add-source', '--configfile'],
    valued: ['--version', '--verbosity', '-v'],
    flags: ['-y', '--yes', '--prerelease', '--interactive', '--ignore-failed-sources'],
  } satisfies Launcher,
  go: {
    read: goPackage,
    write: (name, version) => `${name}@${version}`,
    verbs: ['run'],
    packages: [],
    valued: ['-mod', '-modfile', '-tags', '-ldflags', '-exec', '-overlay', '-toolexec'],
    flags: ['-v', '-x', '-a', '-race'],
  } satisfies Launcher,
} satisfies Record<string, Launcher>);
