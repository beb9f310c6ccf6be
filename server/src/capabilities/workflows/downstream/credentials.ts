import { AppError } from '../../../core/errors.ts';
import { conceal } from '../../../core/redact.ts';
import { readReference, type Secrets, secretName } from '../../../core/secrets.ts';

/**
 * The value of a credential that a declaration names: `secret:<name>`, granted to workflows or towards the host, or a place
 * (`env:`, `file:`). Resolved at each connect, kept nowhere.
 */
export async function readCredential(secrets: Secrets, reference: string, host?: string): Promise<string> {
  const name = secretName(reference);
  if (name !== undefined)
    return secrets.resolveSecret(name, { toolset: 'workflows', ...(host !== undefined && { host }) });
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
  host?: string,
): Promise<Record<string, string>> {
  const resolved = Object.entries(texts).map(async ([key, text]) => {
    return [key, secretName(text) === undefined ? text : await readCredential(secrets, text, host)] as const;
  });
  return Object.fromEntries(await Promise.all(resolved));
}
