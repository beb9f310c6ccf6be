import { AppError } from '../../../core/errors.ts';
import { conceal } from '../../../core/redact.ts';
import { readReference, type Secrets, secretName } from '../../../core/secrets.ts';

/** Who is given a credential: a server, and where it is sent to one, the host. */
export interface Receiver {
  readonly server: string;
  readonly host?: string;
}

/**
 * The value of a credential that a declaration names: `secret:<name>`, granted to workflows, towards the host or to the server, or a place
 * (`env:`, `file:`). Resolved at each connect, kept nowhere.
 */
export async function readCredential(secrets: Secrets, reference: string, to: Receiver): Promise<string> {
  const name = secretName(reference);
  if (name !== undefined) return secrets.resolveSecret(name, { toolset: 'workflows', ...to });
  const value = await readReference(reference);
  if (value === undefined || value === '') {
    throw new AppError(
      'SECRET_UNUSABLE',
      'A credential of the server cannot be read where its declaration says it is.',
      'Have the operator put it there, or correct the declaration.',
    );
  }
  conceal(value);
  return value;
}

/** Variables or headers with each `secret:<name>` replaced by what it stands for; other texts are what they are. */
export async function resolveTexts(
  secrets: Secrets,
  texts: Readonly<Record<string, string>>,
  to: Receiver,
): Promise<Record<string, string>> {
  const resolved = Object.entries(texts).map(async ([key, text]) => {
    return [key, secretName(text) === undefined ? text : await readCredential(secrets, text, to)] as const;
  });
  return Object.fromEntries(await Promise.all(resolved));
}
