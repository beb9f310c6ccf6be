import { createBackup } from './backup/create.ts';
import type { Manifest } from './backup/manifest.ts';
import { command, mustHaveDatabase, settingsOf, withConnection } from './command.ts';
import { objectsUri } from './core/objects/open.ts';

const help = `tutti backup: writes database, objects, indexes and keys of one moment into one file.

  tutti backup <file>

The server may run and be written to meanwhile. The file is a tar archive that only its owner may read: it holds the keys
and the administrator's token. Settings (tutti.yaml), databases of lake.postgres_targets, and objects
and indexes in a bucket are not in it: version the bucket, or copy it after.
Check it with: tutti restore <file> --dry-run

  --data-dir, --database-url, --config   as for tutti serve
`;

/** `tutti backup <file>`. Answers the exit code. */
export const backup = command(help, {}, async (flags, [file, ...others]) => {
  if (file === undefined || others.length > 0) return undefined;
  const settings = settingsOf(flags);
  mustHaveDatabase(settings);
  const manifest = await withConnection(settings, (connection) =>
    createBackup(connection, settings.data_dir, file, objectsUri(settings)),
  );
  process.stdout.write(`Saved ${describeBackup(manifest)} to ${file}.\n`);
  return 0;
});

/** What a backup holds, in a few words. */
export function describeBackup({ tables, parts, bucket, created_at, version }: Manifest): string {
  const rows = tables.reduce((sum, table) => sum + table.rows, 0);
  const count = (prefix: string) => parts.filter((part) => part.name.startsWith(prefix)).length;
  const megabytes = (parts.reduce((sum, part) => sum + part.size, 0) / 1e6).toFixed(1);
  return `${rows} rows of ${tables.length} tables, ${bucket === undefined ? `${count('objects/')} objects` : `no objects (they are in ${bucket})`} and ${count('indexes/')} files of indexes (${megabytes} MB, Tutti ${version}, ${created_at})`;
}
