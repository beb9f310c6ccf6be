import { type Secrets, secretName } from '../../../core/secrets.ts';

/** The variables of a job with the values of its secrets, and all values that must not come out of it again. */
export async function secretEnv(
  env: Readonly<Record<string, string>>,
  secrets: Secrets,
  looksSecret: (name: string) => boolean,
): Promise<{ readonly env: Record<string, string>; readonly values: string[] }> {
  const resolved: Record<string, string> = {};
  const values: string[] = [];
  for (const [name, value] of Object.entries(env)) {
    const secret = secretName(value);
    resolved[name] = secret === undefined ? value : await secrets.resolveSecret(secret, { toolset: 'ops' });
    if (secret !== undefined || looksSecret(name)) values.push(resolved[name] ?? '');
  }
  return { env: resolved, values };
}
