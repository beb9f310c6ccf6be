import { readFile, stat } from 'node:fs/promises';
import { findSecret, type SecretGrant } from './auth/secrets/store.ts';
import type { Db } from './db/database.ts';
import { AppError } from './errors.ts';
import { conceal, shortestSecret } from './redact.ts';
import { readVariable } from './settings.ts';

/** What a secret is wanted for: which toolset uses it, and the host and the downstream server that it is given to, where there are such. */
export interface SecretUse {
  readonly toolset: string;
  readonly host?: string;
  readonly server?: string;
}

export interface Secrets {
  /**
   * The value of a secret, for this use only. Ask inside the step that needs it and keep it in no record: from here on it is
   * taken out of the log and of foreign text.
   */
  resolveSecret(name: string, use: SecretUse): Promise<string>;
}

const maxBytes = 65_536;

/** Secrets by the names that callers write as `secret:<name>`. The operator named and granted them (`tutti secret`). */
export function createSecrets(db: Db): Secrets {
  return {
    async resolveSecret(name, use) {
      const secret = await findSecret(db, name);
      if (!secret?.grants.some((grant) => covers(grant, use))) throw notGranted(name, use);
      const value = await readReference(secret.reference);
      if (value === undefined) throw unusable(name, 'cannot be read where the operator said it is');
      if (value.length < shortestSecret) throw unusable(name, `is shorter than ${shortestSecret} characters`);
      conceal(value);
      return value;
    },
  };
}

/** The name in `secret:<name>`; undefined for any other text. */
export function secretName(text: string): string | undefined {
  return /^secret:([a-z0-9][a-z0-9_.-]{0,63})$/.exec(text)?.[1];
}

function covers(grant: SecretGrant, use: SecretUse): boolean {
  if (grant.toolset !== undefined && grant.toolset !== use.toolset) return false;
  if (grant.server !== undefined && grant.server !== use.server) return false;
  return grant.host === undefined || grant.host === use.host?.toLowerCase();
}

/** The value that `env:NAME` or `file:/path` stands for; undefined where there is none. */
export async function readReference(reference: string): Promise<string | undefined> {
  const [, kind, where = ''] = /^(env|file):(.+)$/s.exec(reference) ?? [];
  if (kind === 'env') return readVariable(where);
  if (kind !== 'file') return undefined;
  try {
    if ((await stat(where)).size > maxBytes) return undefined;
    return (await readFile(where, 'utf8')).replace(/\r?\n$/, '');
  } catch {
    return undefined;
  }
}

/** One that does not exist reads like one that is not granted. */
function notGranted(name: string, { toolset, host, server }: SecretUse): AppError {
  const more = [host && `--host ${host}`, server && `--server ${server}`].filter(Boolean).join(' ');
  const flags = `--toolset ${toolset} ${more}`.trim();
  return new AppError(
    'SECRET_NOT_GRANTED',
    `There is no secret ${JSON.stringify(name.slice(0, 64))} for this use.`,
    `Ask the operator for it: tutti secret grant <name> ${flags}`,
    { toolset, ...(host !== undefined && { host }), ...(server !== undefined && { server }) },
  );
}

function unusable(name: string, why: string): AppError {
  return new AppError(
    'SECRET_UNUSABLE',
    `The secret ${name} ${why}.`,
    'Ask the operator to put it in order: tutti secret list says where it is looked for.',
  );
}
