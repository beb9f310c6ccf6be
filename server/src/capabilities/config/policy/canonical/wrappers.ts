/** A program that starts what its operands say. */
interface Wrapper {
  /** Sub-commands, or options, after which the program stands; without one of them nothing is started. */
  readonly verbs?: readonly string[];
  /** Operands of its own before the program. */
  readonly before?: number;
}

const names = (text: string) => text.split(' ');
const same = (all: string, wrapper: Wrapper) => names(all).map((name) => [name, wrapper] as const);

const wrappers: ReadonlyMap<string, Wrapper> = new Map([
  ...same('env sudo doas pkexec nice ionice nohup timeout time stdbuf setsid setpriv xargs exec command', {}),
  ...same('busybox toybox start winpty unbuffer script unshare nsenter bwrap firejail strace watch parallel', {}),
  ...same('systemd-run xvfb-run dbus-run-session corepack', {}),
  ...same('chroot flock taskset chrt ssh su runuser', { before: 1 }),
  ...same('find', { verbs: ['-exec', '-execdir', '-ok', '-okdir'] }),
  ...same('poetry pipenv pdm hatch rye pixi conda mamba micromamba bundle volta fnm nvm asdf devbox', {
    verbs: ['run', 'exec', 'x'],
  }),
  ...same('op doppler infisical dotenvx', { verbs: ['run'] }),
  // Any number of tools, then `--`.
  ...same('mise', { verbs: ['exec', 'x'], before: Number.POSITIVE_INFINITY }),
  ...same('aws-vault direnv', { verbs: ['exec'], before: 1 }),
]);

export function isWrapper(base: string): boolean {
  return wrappers.has(base);
}

/**
 * Where among its operands the program of a wrapper may stand. After an option that could have a value there are several such places,
 * up to a program that is known.
 */
export function programsWithin(
  base: string,
  operands: readonly string[],
  isKnown: (operand: string) => boolean,
): number[] {
  const { verbs, before = 0 } = wrappers.get(base) ?? {};
  const verb = verbs ? operands.findIndex((operand) => verbs.includes(operand)) : -1;
  if (verbs && verb < 0) return [];
  const found: number[] = [];
  let doubtful = false;
  let own = before;
  for (let at = verb + 1; at < operands.length; at += 1) {
    const operand = operands[at] ?? '';
    if (operand === '--') [doubtful, own] = [false, 0];
    else if (operand.startsWith('-')) doubtful ||= !operand.includes('=');
    else if (!/^([A-Za-z_]\w*=|[\d.]+[smhd]?$)/.test(operand)) {
      if (own === 0 || doubtful || isKnown(operand)) found.push(at);
      if (isKnown(operand) || (own === 0 && !doubtful)) break;
      own = Math.max(0, own - 1);
    }
  }
  return found;
}
