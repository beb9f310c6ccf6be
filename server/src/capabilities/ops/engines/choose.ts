import type { Db } from '../../../core/db/database.ts';
import { AppError } from '../../../core/errors.ts';
import type { LocalEngine } from './local-engine.ts';
import { countOpenRuns, type EngineRow, listEngines } from './store.ts';

/** The queue of an engine: the processes that reach it take from it. */
export function queueOfEngine(name: string): string {
  return `ops.${name}`;
}

/** All engines, reachable or not. Throws DOCKER_UNAVAILABLE where there never was one. */
export async function knownEngines(db: Db, local: LocalEngine): Promise<EngineRow[]> {
  const engines = await listEngines(db);
  if (engines.length > 0) return engines;
  // It may have been installed a moment ago.
  await local.reach();
  await local.check();
  return listEngines(db);
}

/** The engine for a job: one that has all labels, answers if any does, and has the least to do. Throws ENGINE_NOT_FOUND. */
export async function chooseEngine(db: Db, local: LocalEngine, labels: readonly string[]): Promise<EngineRow> {
  const engines = await knownEngines(db, local);
  const fitting = engines.filter((engine) => labels.every((label) => engine.labels.includes(label)));
  if (fitting.length === 1 && fitting[0]) return fitting[0];
  const open = fitting.length > 0 ? await countOpenRuns(db) : new Map<string, number>();
  const load = ({ name, capacity }: EngineRow) => (open.get(name) ?? 0) / Math.max(capacity, 0.1);
  const [best] = fitting.sort((a, b) => Number(b.reachable) - Number(a.reachable) || load(a) - load(b));
  if (best) return best;
  throw new AppError(
    'ENGINE_NOT_FOUND',
    'No engine has all of these labels.',
    'Leave labels out, or use those that orcaops_system_info lists.',
    { labels, engines: engines.map((engine) => ({ name: engine.name, labels: engine.labels })) },
  );
}
