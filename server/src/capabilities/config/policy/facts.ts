import { type Command, readCommand } from './canonical/command.ts';
import { fold, foldArgument, hidesCharacters, isPlainName } from './canonical/text.ts';
import { type CanonicalUrl, canonicalUrl } from './canonical/url.ts';
import type { ServerView } from './servers.ts';

/** What can be told of a server beyond its fields, each with what it means. */
export const facts = {
  shell: 'A shell runs, so that more runs than is named.',
  'inline-code': 'Code stands in the arguments of an interpreter or a shell.',
  'command-form': 'The command is neither a bare name nor an absolute path.',
  'shell-characters': 'The command or an argument has characters by which a shell would run something else.',
  'unpinned-package': 'A launcher fetches a package without an exact version, or an image without a digest.',
  'other-registry': 'A launcher is told to fetch packages from elsewhere.',
  'unclear-launcher': 'What a launcher runs cannot be told: it has an option that is not known, or does not name it.',
  'container-privileges':
    "A container gets at its host: privileged, its engine's socket, its root folder or its name spaces.",
  'hidden-characters': 'A text holds control, direction or invisible characters: a dialogue shows something else.',
  'odd-name': 'A name is not printable ASCII: look-alikes cannot be told apart.',
  'said-twice': 'It says one thing by two names, such as env and environment: which of them counts cannot be told.',
  'url-invalid': 'The address is no URL of http, https or a web socket.',
  'url-userinfo': 'The address names a user or a password.',
  'url-unresolved': 'An input stands where the host of the address is: where it leads cannot be told.',
  'url-insecure': 'The address is not https, and not this machine.',
} as const;

export type Fact = keyof typeof facts;

/** All that rules see of a server. */
export interface Seen {
  /** With the defaults of the inputs. */
  readonly command: Command | undefined;
  readonly url: CanonicalUrl | undefined;
  /** As they stand: what an input decides is open in them. */
  readonly given: { readonly command: Command | undefined; readonly url: CanonicalUrl | undefined };
  readonly facts: ReadonlySet<Fact>;
}

const program32 = '(x86)';
const bareName = /^[A-Za-z0-9_][A-Za-z0-9._+-]*$/;
const absolutePath = /^(?:\/(?!\/)|[A-Za-z]:\\)(?!.*(?:^|[\\/])\.\.(?:[\\/]|$))[^;&|`$<>(){}*?"'!\n\r~]*$/;
const shellCharacters = /[`;|<>\n\r]|\$\(|\$\{(?!input:)|&&|(?:^|\s)&(?:\s|$)/;

/** Looks at a server: what it starts or where it leads, and what speaks against it. */
export function look(server: ServerView): Seen {
  const { resolve } = server;
  const program = server.command === undefined ? undefined : resolve(server.command);
  const args = server.args.map(resolve);
  const command = program === undefined ? undefined : readCommand(program, args);
  const url = server.url === undefined ? undefined : canonicalUrl(resolve(server.url));
  const isOpen = [server.command, ...server.args].some((text) => text?.includes('${'));
  const given = {
    command: isOpen && server.command !== undefined ? readCommand(server.command, server.args) : command,
    url: server.url?.includes('${') ? canonicalUrl(server.url) : url,
  };
  const found = new Set<Fact>();
  const note = (fact: Fact, is: boolean) => is && found.add(fact);
  if (command && program !== undefined) {
    note('shell', command.shell);
    note('inline-code', command.inlineCode);
    // What an input decides is as open as what is not said: its default is one of many values.
    const commands = [...new Set([command, given.command])].filter((one) => one !== undefined);
    note('command-form', [program, server.command ?? ''].some(isOddCommand));
    note(
      'shell-characters',
      [program, ...args].some((text) => shellCharacters.test(text)),
    );
    note(
      'unpinned-package',
      commands.some(({ packages }) => packages.some(({ ref }) => !ref.exact)),
    );
    note(
      'unpinned-package',
      commands.some(({ launches }) =>
        launches.some(({ packages, program }) => packages.length === 0 && program === undefined),
      ),
    );
    note(
      'other-registry',
      command.launches.some(({ otherRegistry }) => otherRegistry),
    );
    note(
      'unclear-launcher',
      command.launches.some(({ unclear }) => unclear),
    );
    note(
      'container-privileges',
      command.launches.some(({ options }) => options.some(reachesHost)),
    );
  }
  if (server.url !== undefined) {
    note('url-invalid', url === undefined);
    note('url-userinfo', url?.userinfo === true);
    note('url-unresolved', given.url?.unresolved === true);
    note('url-insecure', url !== undefined && !url.unresolved && !url.secure);
  }
  note('said-twice', server.saidTwice());
  note('hidden-characters', textsOf(server.raw).some(hidesCharacters));
  note(
    'odd-name',
    [server.name, ...names(server)].some((name) => !isPlainName(name)),
  );
  return { command, url, given, facts: found };
}

function names({ env, headers }: ServerView): string[] {
  return [...env.entries, ...headers.entries].map(([name]) => name);
}

function isOddCommand(program: string): boolean {
  return !bareName.test(program) && !absolutePath.test(program.replace(program32, ''));
}

function reachesHost([name, value]: readonly [string, string]): boolean {
  const folded = fold(value);
  if (name === '--privileged' || name === '--device') return true;
  if (['--pid', '--ipc', '--userns', '--uts', '--net', '--network'].includes(name))
    return /^(host|container:)/.test(folded);
  if (name === '--cap-add') return /^(cap_)?(all|sys_admin|sys_ptrace|sys_module|dac_read_search)$/.test(folded);
  if (name === '--security-opt') return /unconfined|disable/.test(folded);
  if (!['-v', '--volume', '--mount'].includes(name)) return false;
  if (/(docker|podman|containerd|crio)\.sock|docker_engine|^[a-z]:[\\/]*:/.test(folded)) return true;
  const mounted = name === '--mount' ? /(?:^|[,"'])(?:source|src)=([^,"']*)/.exec(folded)?.[1] : folded.split(':')[0];
  // The folders of the socket are as good as the socket.
  return mounted?.startsWith('/') === true && ['/', '/run', '/var', '/var/run'].includes(foldArgument(mounted));
}

/** Every text of a value, names included. */
function textsOf(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, member]) => [name, ...textsOf(member)]);
}
