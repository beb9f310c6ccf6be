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

/** What jobs choose an engine by: its labels, and its name, which is one. */
function wordsOf({ name, labels }: EngineRow): string[] {
  return [...new Set([name, ...labels])];
}

/** The engine for a job: one that has all labels, answers if any does, and has the least to do. Throws ENGINE_NOT_FOUND. */
export async function chooseEngine(db: Db, local: LocalEngine, labels: readonly string[]): Promise<EngineRow> {
  const engines = await knownEngines(db, local);
  const fitting = engines.filter((engine) => labels.every((label) => wordsOf(engine).includes(label)));
  if (fitting.length === 1 && fitting[0]) return fitting[0];
  const open = fitting.length > 0 ? await countOpenRuns(db) : new Map<string, number>();
  const load = ({ name, capacity }: EngineRow) => (open.get(name) ?? 0) / capacity;
  const [best] = fitting.sort((a, b) => Number(b.reachable) - Number(a.reachable) || load(a) - load(b));
  if (best) return best;
  if (engines.length === 0) {
    throw new AppError(
      'ENGINE_NOT_FOUND',
      'No process of this installation takes container jobs.',
      'The operator sets ops.capacity and jobs.concurrency above 0 for one beside an engine, or starts tutti worker there.',
    );
  }
  const offers = engines.map((engine) => ({ name: engine.name, labels: wordsOf(engine) }));
  throw new AppError(
    'ENGINE_NOT_FOUND',
    'No engine has all of these labels.',
    `Leave labels out, or use those of one engine: ${offers.map(({ name, labels }) => `${name} (${labels.join(', ')})`).join('; ')}.`,
    { labels, engines: offers },
  );
}
