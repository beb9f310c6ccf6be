import { createDownstream } from './capabilities/workflows/downstream/downstream.ts';
import { asAppError } from './capabilities/workflows/downstream/show.ts';
import { DownstreamError } from './capabilities/workflows/downstream/types.ts';
import type { Db } from './core/db/database.ts';
import { createLog } from './core/log.ts';
import { createSecrets } from './core/secrets.ts';
import type { Settings } from './core/settings.ts';

/** Connects to a declared server as `tutti serve` would, tells its tools, and ends it. Answers the exit code. */
export async function tryServer(db: Db, settings: Settings, name: string, json: boolean): Promise<number> {
  const downstream = createDownstream({ db, settings, secrets: createSecrets(db), log: createLog('silent') });
  const began = performance.now();
  try {
    const tools = await downstream.tools(name, true);
    const ms = Math.round(performance.now() - began);
    const names = tools.map((tool) => tool.name);
    if (json) process.stdout.write(`${JSON.stringify({ server: name, ms, tools: names }, null, 2)}\n`);
    else process.stdout.write(`${name} answers after ${ms} ms and offers ${names.length}: ${names.join(', ')}\n`);
    return 0;
  } catch (error) {
    // What went wrong is told to its operator alone, who starts it here.
    if (error instanceof DownstreamError) process.stderr.write(`${error.message}\n`);
    throw asAppError(name, error);
  } finally {
    await downstream.close();
  }
}
