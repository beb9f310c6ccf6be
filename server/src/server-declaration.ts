import { readFileSync } from 'node:fs';
import { parse as parseYaml } from 'yaml';
import { badInput } from './command.ts';
import { type DownstreamServer, downstreamServer } from './core/workflows-settings.ts';

interface DeclarationFlags {
  readonly url?: string | undefined;
  readonly bearer?: string | undefined;
  readonly header?: string[] | undefined;
  readonly env?: string[] | undefined;
  readonly file?: string | undefined;
}

const example = 'For example: tutti server add mail --url https://mail.example.com/mcp';

/** The declaration that the flags of `tutti server add` stand for, or its file. */
export function declarationOf(name: string, flags: DeclarationFlags, words: readonly string[]): DownstreamServer {
  const parsed = downstreamServer.safeParse(
    flags.file === undefined ? given(name, flags, words) : inFile(name, flags, words),
  );
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw badInput(
    `The declaration${issue?.path.length ? `, ${issue.path.join('.')}` : ''}: ${issue?.message}.`,
    example,
  );
}

function given(name: string, { url, bearer, header, env }: DeclarationFlags, [command, ...args]: readonly string[]) {
  return {
    name,
    ...(url !== undefined && { url }),
    ...(bearer !== undefined && { bearer }),
    ...(header && { headers: pairs('--header', header) }),
    ...(env && { env: pairs('--env', env) }),
    ...(command !== undefined && { command, args }),
  };
}

function inFile(name: string, { file = '', ...others }: DeclarationFlags, words: readonly string[]): object {
  if (words.length > 0 || ['url', 'bearer', 'header', 'env'].some((flag) => Object.hasOwn(others, flag))) {
    throw badInput('--file holds all of a declaration.', 'Put the rest into the file.');
  }
  let read: unknown;
  try {
    read = parseYaml(readFileSync(file, 'utf8'));
  } catch (error) {
    throw badInput(
      `${file} cannot be read: ${(error as Error).message.split('\n')[0]}`,
      'Name a file of YAML or JSON.',
    );
  }
  if (typeof read !== 'object' || read === null || Array.isArray(read))
    throw badInput(`${file} is no declaration.`, example);
  if ('name' in read && read.name !== name)
    throw badInput(`${file} declares another name.`, 'Use the same, or leave it out.');
  return { ...read, name };
}

/** `NAME=value`, split at the first sign. */
function pairs(flag: string, texts: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    texts.map((text) => {
      const at = text.indexOf('=');
      // The text itself is not repeated: it may hold a secret.
      if (at <= 0) throw badInput(`${flag} takes NAME=value.`, 'Write secret:<name> for a secret.');
      return [text.slice(0, at), text.slice(at + 1)];
    }),
  );
}
