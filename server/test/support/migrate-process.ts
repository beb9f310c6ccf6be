// Brings one database up to date, as every server does at its start: our tables, then the engine's.
import { openDatabase } from '../../src/core/db/database.ts';
import { migrate } from '../../src/core/db/migrate.ts';
import { createJobs } from '../../src/core/jobs/engine.ts';
import { createLog } from '../../src/core/log.ts';
import { allMigrations } from '../../src/migrations.ts';

const log = createLog('warn');
const { db, connection, close } = openDatabase({ connectionString: process.argv[2] ?? '' }, log);
await migrate(db, allMigrations);
const jobs = createJobs({ connection, db, log, concurrency: 1, deadAfterMs: 5000, drainMs: 0 });
await jobs.start([], []);
await jobs.stop();
await close();
