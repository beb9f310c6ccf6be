import { randomBytes } from 'node:crypto';
import { AppError } from '../../../core/errors.ts';

/**
 * What the main process of a container runs. It waits, parked, for lines on its stdin:
 * `!new <id>` forgets what came, `+<id> <line> <id>` adds a line to the script, `!go <id> <n>` runs it if it has n lines and none
 * ran yet, `!end` exits with the code of the script, or 125 when none ran; `!fin` does where one ran, and nothing where none did.
 * Each sending has an id of its own, at both ends of its lines, for two senders may break into each other's lines (a piece without
 * any end of a line would not show, but pieces are of kilobytes). So a script can be sent again after any crash: one that came in
 * part, or mixed with another sending, cannot run, one that came whole cannot run twice. Plain POSIX: dash, busybox, bash.
 */
export const bootstrap = `__c=125 __r= __s= __n=0 __w=-
__l='
'
while IFS= read -r __x; do
  case $__x in
    '!new '*) __w=\${__x#* } __s= __n=0 ;;
    "+$__w "*" $__w") __x=\${__x#* }; __s=$__s\${__x% *}$__l __n=$((__n+1)) ;;
    "!go $__w $__n") [ "$__r" ] || { __r=1; eval "$__s"; } ;;
    '!end') exit "$__c" ;;
    '!fin') [ "$__r" ] && exit "$__c" ;;
  esac
done
exit "$__c"
`;

export interface Command {
  /** For `/bin/sh -c`; may have many lines. */
  readonly command: string;
  /** Below the work directory; by default that itself. */
  readonly cwd?: string;
}

export interface Script {
  /** Random, one a job: markers bear it. Of `newToken`. */
  readonly token: string;
  readonly commands: readonly Command[];
  readonly env: Readonly<Record<string, string>>;
}

export function newToken(): string {
  return randomBytes(12).toString('hex');
}

/**
 * Sends a script: safe at any time, any number of times. Begins with a newline, for a line before it may have broken off. With
 * `last` the shell ends with the script.
 */
export function dispatchText(script: Script, { last = false } = {}): string {
  const id = randomBytes(6).toString('base64url');
  const lines = scriptText(script).split('\n');
  const after = last ? ['!fin', ''] : [''];
  return ['', `!new ${id}`, ...lines.map((line) => `+${id} ${line} ${id}`), `!go ${id} ${lines.length}`, ...after].join(
    '\n',
  );
}

/** Ends the shell; it exits with the script's code. */
export const endText = '\n!end\n';

/**
 * The script: each command in a shell of its own with the job's environment, until one fails. Markers stand before and after each,
 * on both streams, so that both can be cut into steps; the last ones tell what all of it used.
 */
function scriptText({ token, commands, env }: Script): string {
  if (!/^[0-9a-f]{16,64}$/.test(token)) throw new Error('not a token for markers');
  const step = ({ command, cwd }: Command, at: number): string => {
    const go = cwd === undefined || cwd === '' ? '' : `cd -- ${quote(cwd)} && `;
    return `if [ "$__c" = 0 ]; then
__m b ${at}
(__e; ${go}exec /bin/sh -c ${quote(command)}) </dev/null
__c=$?
__m e ${at} "$__c"
fi`;
  };
  return `__m() { __u=0; read -r __u __z </proc/uptime; printf '\\036%s %s %s\\036\\n' ${token} "$*" "$__u"; printf '\\036%s %s %s\\036\\n' ${token} "$*" "$__u" >&2; }
__e() { :; ${Object.entries(env)
    .map(([name, value]) => `export ${checkName(name)}=${quote(value)}; `)
    .join('')}}
${usageText}
__c=0
${commands.map(step).join('\n')}
__g
__m f "$__c" "$__t" "$__p" "$__r" "$__s" "$__i" "$__o"`;
}

/**
 * Nanoseconds of CPU into __t, the peak of memory into __p, bytes received and sent into __r and __s, read from disks and written
 * into __i and __o: from the files of cgroup v1 or v2 and of the network; 0 where there are none.
 */
const usageText = `__g() {
__t=0 __p=0 __r=0 __s=0 __i=0 __o=0 __k=/sys/fs/cgroup
if [ -r $__k/cpu.stat ]; then read -r __z __t <$__k/cpu.stat; __t=$((__t*1000)); [ -r $__k/memory.peak ] && read -r __p <$__k/memory.peak
elif [ -r $__k/cpuacct/cpuacct.usage ]; then read -r __t <$__k/cpuacct/cpuacct.usage; read -r __p <$__k/memory/memory.max_usage_in_bytes; fi
while read -r __n __a __z __z __z __z __z __z __z __b __z; do case $__n in lo:) ;; *:) __r=$((__r+__a)) __s=$((__s+__b));; esac; done </proc/net/dev
if [ -r $__k/io.stat ]; then while read -r __n __a __b __z; do case "$__a $__b" in rbytes=[0-9]*' 'wbytes=[0-9]*) __i=$((__i+\${__a#rbytes=})) __o=$((__o+\${__b#wbytes=}));; esac; done <$__k/io.stat
elif [ -r $__k/blkio/blkio.throttle.io_service_bytes ]; then while read -r __n __a __b; do case $__a in Read) __i=$((__i+__b));; Write) __o=$((__o+__b));; esac; done <$__k/blkio/blkio.throttle.io_service_bytes; fi
:; }`;

/** One word for any POSIX shell, whatever it holds but NUL, which none can. */
export function quote(text: string): string {
  if (text.includes('\0')) throw refused('A command or value holds a NUL character, which no shell takes.');
  return `'${text.toWellFormed().replaceAll("'", `'\\''`)}'`;
}

function checkName(name: string): string {
  if (!/^[A-Za-z_][A-Za-z0-9_]{0,127}$/.test(name) || name.startsWith('__'))
    throw refused(`${JSON.stringify(name.slice(0, 64))} is no name of an environment variable.`);
  return name;
}

function refused(message: string): AppError {
  return new AppError(
    'VALIDATION_FAILED',
    message,
    'Names are letters, digits and _ and do not begin with a digit or with __; put binary data into an input file.',
  );
}
