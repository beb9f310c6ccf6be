/** A process with connections of its own: makes its calls, prints each outcome as a line, and stays until it is killed. */
import { createDownstream } from '../../../src/capabilities/workflows/downstream/downstream.ts';
import { openDatabase } from '../../../src/core/db/database.ts';
import { createLog } from '../../../src/core/log.ts';
import { createSecrets } from '../../../src/core/secrets.ts';
import { readSettings } from '../../../src/core/settings.ts';

export interface DownstreamProcessSettings {
  readonly databaseUrl: string;
  readonly dataDir: string;
  readonly servers: readonly object[];
  /** The user that it becomes once it has its database, whose socket is for root and its own user. */
  readonly uid?: number | undefined;
  readonly calls: readonly (readonly [server: string, tool: string, args: Record<string, unknown>])[];
}

const { databaseUrl, dataDir, servers, calls, uid } = JSON.parse(process.argv[2] ?? '') as DownstreamProcessSettings;
const log = createLog('error');
const { db } = openDatabase({ connectionString: databaseUrl }, log);
const settings = readSettings(['--data-dir', dataDir, '--workflows-servers', JSON.stringify(servers)], {});
const downstream = createDownstream({ db, secrets: createSecrets(db), settings, log });
await downstream.start();
if (uid !== undefined) {
  process.setgroups?.([]);
  process.setgid?.(uid);
  process.setuid?.(uid);
}
for (const [server, tool, args] of calls) {
  const outcome = await downstream.call(server, tool, args).then(
    (value) => ({ value }),
    (error: Error & { kind?: string }) => ({ failure: error.message, kind: error.kind }),
  );
  process.stdout.write(`${JSON.stringify(outcome)}\n`);
}
process.stdout.write('done\n');
setInterval(() => undefined, 1000);
