import { parseArgs } from 'node:util';
import { createBackup } from './backup/create.ts';
import type { Manifest } from './backup/manifest.ts';
import { withPostgres } from './backup/operator.ts';
import { badInput, databaseFlags, report, settingsOf } from './command.ts';
import { createLog } from './core/log.ts';

const help = `tutti backup: writes database, objects, indexes and keys of one moment into one file.

  tutti backup <file>

The server may run and be written to meanwhile. The file is a tar archive that only its owner may read: it holds the keys
and the administrator's token. Settings (tutti.yaml) and data that is read in place are not in it.
Check it with: tutti restore <file> --dry-run

  --data-dir, --database-url, --config   as for tutti serve
`;

/** `tutti backup <file>`. Answers the exit code. */
export async function backup(args: readonly string[]): Promise<number> {
  try {
    const { values: flags, positionals } = readFlags(args);
    if (flags.help) {
      process.stdout.write(help);
      return 0;
    }
    const [file, ...others] = positionals;
    if (file === undefined || others.length > 0) {
      process.stderr.write(help);
      return 2;
    }
    const settings = settingsOf(flags);
    const manifest = await withPostgres(settings, createLog('warn'), (connection) =>
      createBackup(connection, settings.data_dir, file),
    );
    process.stdout.write(`Saved ${describeBackup(manifest)} to ${file}.\n`);
    return 0;
  } catch (error) {
    return report(error);
  }
}

/** What a backup holds, in a few words. */
export function describeBackup({ tables, parts, created_at, version }: Manifest): string {
  const rows = tables.reduce((sum, table) => sum + table.rows, 0);
  const count = (prefix: string) => parts.filter((part) => part.name.startsWith(prefix)).length;
  const megabytes = (parts.reduce((sum, part) => sum + part.size, 0) / 1e6).toFixed(1);
  return `${rows} rows of ${tables.length} tables, ${count('objects/')} objects and ${count('indexes/')} files of indexes (${megabytes} MB, Tutti ${version}, ${created_at})`;
}

function readFlags(args: readonly string[]) {
  try {
    const options = { ...databaseFlags, help: { type: 'boolean', short: 'h', default: false } } as const;
    return parseArgs({ args: [...args], options, allowPositionals: true });
  } catch (error) {
    throw badInput(`${(error as Error).message.split('. ')[0]}.`, 'See: tutti backup --help');
  }
}
