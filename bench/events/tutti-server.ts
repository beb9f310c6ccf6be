import { readFile } from 'node:fs/promises';
import { inTransaction, openDatabase } from '../../server/src/core/db/database.ts';
import { openEmbedded } from '../../server/src/core/db/embedded.ts';
import { appendEvent } from '../../server/src/core/events/store.ts';
import { createLog } from '../../server/src/core/log.ts';
import { readSettings } from '../../server/src/core/settings.ts';
import { startServer } from '../../server/src/main.ts';
import { makeDataDir } from '../support/data-dir.ts';
import { type Served, serveChild, type Undo } from '../support/serve-child.ts';
import { eventData, eventType, now, type Streams } from './side.ts';

await serveChild(start);

/** The whole server, and a way to append events as its tools do. */
async function start(_: null, undo: Undo): Promise<Served> {
  const dir = await makeDataDir();
  undo(dir.remove);
  const log = createLog('warn');
  const settings = readSettings(['--data-dir', dir.path, '--port', '0', '--limits-calls-per-minute', '1000000'], {});
  const postgres = await openEmbedded(dir.path, log);
  const server = await startServer(settings, log, { postgres: Promise.resolve(postgres) });
  undo(server.stop);
  const { db, close } = openDatabase(postgres.connection, log, { max: 1 });
  undo(close);
  const token = (await readFile(server.tokenFile, 'utf8')).trim();
  const info: Streams = { port: Number(new URL(server.url).port), path: `/events?types=${eventType}`, token };
  return {
    info,
    commands: {
      async emit() {
        const at = now();
        await inTransaction(db, (tx) =>
          appendEvent(tx, { type: eventType, subject: 'bench:event', toolset: 'lake', data: eventData }),
        );
        return at;
      },
    },
  };
}
