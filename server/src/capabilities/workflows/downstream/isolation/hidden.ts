import { statSync } from 'node:fs';
import path from 'node:path';
import { listSecrets } from '../../../../core/auth/secrets/store.ts';
import type { Db } from '../../../../core/db/database.ts';
import { keysDirectory } from '../../../../core/key-files.ts';
import type { Settings } from '../../../../core/settings.ts';

/**
 * What no child may see: the data directory, the keys, the settings, and each file that a secret or a setting names as the
 * place of a credential. A child of an ordinary user could read those by its user alone.
 */
export async function hiddenPlaces(db: Db, settings: Settings): Promise<string[]> {
  const secrets = (await listSecrets(db)).map(({ reference }) => reference);
  // The roots of the lake are data, written alike.
  const { 'lake.roots': _, ...others } = settings;
  const files = [...secrets, ...textsIn(others)].flatMap((text) => /^(?:[\w-]+=)?file:(\/.+)$/s.exec(text)?.[1] ?? []);
  const config = settings.config_file === undefined ? [] : [settings.config_file];
  const directories = [settings.data_dir, keysDirectory(settings)].map((place) => path.resolve(place));
  return [...directories, ...[...config, ...files].filter(isFile)];
}

function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : [];
}

/** What we cannot look at is out of reach for a child of ours as well. */
function isFile(file: string): boolean {
  try {
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
