import { type Connection, type ConnectionFlags, findServer } from './connection.ts';
import { badInput } from './error.ts';
import type { Environment } from './settings.ts';
import { findTool, type ToolDescription } from './tool-list.ts';

/** What a call is about, and the words that are left for its input. */
export interface CallTarget {
  readonly server: Connection;
  readonly tool: ToolDescription;
  readonly words: readonly string[];
}

const connectionFlags = { '--url': 'url', '--token': 'token', '--data-dir': 'dataDir' } as const;
type Name = keyof typeof connectionFlags;

/**
 * Finds the server and the tool. `--url` and its like may also stand behind the tool's name, where they name the server
 * unless they are fields of the tool, as far as that can be learned from the server that is found without them.
 */
export async function findTarget(
  name: string,
  words: readonly string[],
  flags: ConnectionFlags,
  environment: Environment,
): Promise<CallTarget> {
  const find = async (more: ConnectionFlags, rest: readonly string[]): Promise<CallTarget> => {
    const server = findServer({ ...flags, ...more }, environment);
    return { server, tool: await findTool(server.url, name), words: rest };
  };
  if (!words.some(isConnectionFlag)) return find({}, words);
  const known = await find({}, words).catch(() => undefined);
  const { own, rest } = split(words, (flag) => known !== undefined && hasField(known.tool, flag.slice(2)));
  return known && rest.length === words.length ? known : find(own, rest);
}

/** Whether a tool takes a field, written with dashes or underscores. */
export function hasField(tool: ToolDescription, field: string): boolean {
  return Object.hasOwn(tool.input.properties ?? {}, field.replaceAll('-', '_'));
}

function split(words: readonly string[], isField: (flag: string) => boolean) {
  const own: { -readonly [Key in keyof ConnectionFlags]: ConnectionFlags[Key] } = {};
  const rest: string[] = [];
  const left = [...words];
  for (let word = left.shift(); word !== undefined; word = left.shift()) {
    const flag = flagOf(word);
    if (!isConnectionFlag(word) || isField(flag)) {
      rest.push(word);
      continue;
    }
    const value = word.includes('=') ? word.slice(word.indexOf('=') + 1) : left.shift();
    if (value === undefined) throw badInput(`${flag} needs a value.`, `Give it as ${flag} <value>.`);
    own[connectionFlags[flag as Name]] = value;
  }
  return { own, rest };
}

function isConnectionFlag(word: string): boolean {
  return Object.hasOwn(connectionFlags, flagOf(word));
}

function flagOf(word: string): string {
  return word.split('=')[0] ?? word;
}
