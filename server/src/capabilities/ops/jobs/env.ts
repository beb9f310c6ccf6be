import { type Secrets, secretName } from '../../../core/secrets.ts';

export interface SecretEnv {
  readonly env: Readonly<Record<string, string>>;
  /** All values that must not come out of the job again. */
  readonly values: readonly string[];
}

/** The variables of a job with the values of its secrets. Throws SECRET_NOT_GRANTED, SECRET_UNUSABLE. */
export async function secretEnv(
  env: Readonly<Record<string, string>>,
  secrets: Secrets,
  looksSecret: (name: string) => boolean,
): Promise<SecretEnv> {
  const resolved: Record<string, string> = {};
  const values: string[] = [];
  for (const [name, value] of Object.entries(env)) {
    const secret = secretName(value);
    resolved[name] = secret === undefined ? value : await secrets.resolveSecret(secret, { toolset: 'ops' });
    if (secret !== undefined || looksSecret(name)) values.push(resolved[name] ?? '');
  }
  return { env: resolved, values };
}
