import { type Finding, requireNoSecrets, scanForSecrets } from './scan.ts';

/** What is written of changes names commits, which are as random as a secret. */
const commitsInWords = ['high-entropy', 'generic-api-key'].map((rule) => ({ path: '/changelog', rule }));

/** What looks like a secret in a changelog, which is signed and told to everybody. */
export function scanChangelog(changelog: string): Finding[] {
  return scanForSecrets({ changelog }, { ignore: commitsInWords });
}

/** Throws SECRET_FOUND for one that holds any. */
export function requireOpenWords(changelog: string | undefined): void {
  if (changelog !== undefined) requireNoSecrets(scanChangelog(changelog));
}
