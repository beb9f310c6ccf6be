import { spawnSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const extension = path.extname(import.meta.filename);

/** Where the email example is: compiled beside this, or in the checkout. */
export const emailExample = fileURLToPath(
  new URL(extension === '.ts' ? '../../../examples/email' : '../examples/email', import.meta.url),
);

const archive = path.join(emailExample, 'mail/inbox.mbox');

export interface EmailPlaces {
  /** An mbox file or a maildir; without it, the archive that the example brings. */
  readonly mail?: string | undefined;
  /** While it is there, the enricher fails for the mails that it names. */
  readonly outOfOrder: string;
  /** An OpenAI-compatible endpoint for the agent; without it, it picks sentences. */
  readonly model?: { readonly url: string; readonly name: string } | undefined;
}

/** The settings of a server with the seven services: the `tutti.yaml` of the example, filled in for this machine. */
export function emailSettings({ mail = archive, outOfOrder, model }: EmailPlaces): string {
  const places = [emailExample, process.execPath, mail];
  const values: Readonly<Record<string, string>> = {
    example: emailExample,
    node: process.execPath,
    mail: path.resolve(mail),
    out_of_order: outOfOrder,
    model_url: model?.url ?? '',
    model: model?.name ?? '',
    isolation: canBeWalledIn(places) ? 'full' : 'none',
  };
  const template = readFileSync(path.join(emailExample, 'tutti.yaml'), 'utf8').replaceAll('.ts', extension);
  // In double quotes, where YAML reads what JSON does.
  const written = (value: string) => JSON.stringify(value).slice(1, -1);
  return template.replace(/\{(\w+)\}/g, (as, name) => (Object.hasOwn(values, name) ? written(values[name] ?? '') : as));
}

/** Whether a server of ours may have a user, or namespaces, of its own here and still read what it is to run. */
function canBeWalledIn(places: readonly string[]): boolean {
  if (process.getuid?.() === 0) return places.every(isOpen);
  const probe = ['--user', '--map-root-user', '--mount', '--pid', '--fork', '--mount-proc', 'true'];
  return spawnSync('unshare', probe, { timeout: 10_000 }).status === 0;
}

/** Whether others may read it, and pass through all directories above it. */
function isOpen(place: string): boolean {
  const { mode } = statSync(place);
  if ((mode & 0o004) === 0) return false;
  for (let above = path.resolve(place); above !== path.dirname(above); above = path.dirname(above)) {
    if ((statSync(path.dirname(above)).mode & 0o001) === 0) return false;
  }
  return true;
}
