import { sha256 } from '../../core/canonical.ts';
import type { JobSpec } from './contract.ts';

/** The same for the same work: image, commands, env and artifacts, whoever submits it and whatever it may use. */
export function fingerprintOf({ image, commands, env, artifacts }: JobSpec): string {
  return sha256({ image, commands, env: shownEnv(env), artifacts });
}

/** Whether the name of a variable says that its value is a secret. */
export function looksSecret(name: string): boolean {
  return /pass(word|wd|phrase)?|secret|token|key|credential|auth/i.test(name);
}

/** Variables as a record shows them. */
export function shownEnv(env: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).map(([name, value]) => [
      name,
      looksSecret(name) && !value.startsWith('secret:') ? '[redacted]' : value,
    ]),
  );
}
