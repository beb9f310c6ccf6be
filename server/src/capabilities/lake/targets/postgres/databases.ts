import { setTimeout as sleep } from 'node:timers/promises';
import { type Database, type Db, isConnectionLoss, openDatabase } from '../../../../core/db/database.ts';
import { AppError, untrusted } from '../../../../core/errors.ts';
import type { Logger } from '../../../../core/log.ts';
import { conceal } from '../../../../core/redact.ts';
import { readReference } from '../../../../core/secrets.ts';
import type { Settings } from '../../../../core/settings.ts';
import { prepareSchema, takesTables } from './build/store.ts';
import { takesVectors } from './vectors/store.ts';

export interface Probe {
  /** Whether tables can be made there. */
  readonly rows: boolean;
  /** Whether they can hold vectors. */
  readonly vectors: boolean;
}

/** Callers wait for it. */
const probeMs = 3000;

/** The databases that rows may go to: our own, which has no name, and those that the operator declared. */
export interface Databases {
  readonly names: readonly string[];
  /** Runs `work` on one, whose refusals are told in its own words. Throws VALIDATION_FAILED for one that nobody declared. */
  use<T>(name: string | undefined, work: (db: Db) => Promise<T>): Promise<T>;
  /** What one would take now, found without a change to it; undefined where it does not answer. */
  probe(name: string | undefined): Promise<Probe | undefined>;
  close(): Promise<void>;
}

/**
 * Opens each when it is first used. They are the operator's own endpoints, like our database: their hosts are not held
 * against the ranges of egress, and callers only name them.
 */
export function createDatabases(own: Db, settings: Settings, log: Logger): Databases {
  const declared = new Map(settings['lake.postgres_targets'].map(({ name, url }) => [name, url]));
  const opened = new Map<string, Promise<Database>>();
  const prepared = new WeakSet<Db>();

  async function open(name: string): Promise<Database> {
    const reference = declared.get(name);
    if (reference === undefined) throw undeclared([...declared.keys()]);
    const connectionString = await readReference(reference);
    if (connectionString === undefined || !/^postgres(ql)?:\/\//.test(connectionString)) throw unreadable(name);
    conceal(connectionString);
    const { password } = new URL(connectionString);
    if (password !== '') conceal(decodeURIComponent(password));
    return openDatabase({ connectionString }, log, { max: 4 });
  }

  async function dbOf(name: string | undefined): Promise<Db> {
    if (name === undefined) return own;
    const known = opened.get(name) ?? open(name);
    opened.set(name, known);
    // What could not be opened is tried anew by the next one.
    known.catch(() => opened.delete(name));
    return (await known).db;
  }

  return {
    names: [...declared.keys()],
    async use(name, work) {
      try {
        const db = await dbOf(name);
        if (!prepared.has(db)) await prepareSchema(db);
        prepared.add(db);
        return await work(db);
      } catch (error) {
        throw refusal(error, name);
      }
    },
    async probe(name) {
      const late = sleep(probeMs, undefined, { ref: false });
      const asked = dbOf(name)
        .then(async (db) => ({ rows: await takesTables(db), vectors: await takesVectors(db) }))
        .catch(() => undefined);
      return Promise.race([asked, late]);
    },
    async close() {
      await Promise.allSettled([...opened.values()].map(async (one) => (await one).close()));
    },
  };
}

/** What a database said, apart from our own words; one that is away stays as it is, for the step is tried again then. */
function refusal(error: unknown, name = 'own'): unknown {
  const { code, severity, message } = (error ?? {}) as Record<string, unknown>;
  if (isConnectionLoss(error) || typeof code !== 'string' || severity === undefined) return error;
  return new AppError(
    'ENGINE_FAILED',
    'The database refused this data or call.',
    'Read the details for what it said, correct the data or the call, and try again.',
    { engine: untrusted(`postgres:${name}`, String(message)), code },
  );
}

function undeclared(names: readonly string[]): AppError {
  return new AppError(
    'VALIDATION_FAILED',
    'The operator declared no such database.',
    names.length > 0 ? `Use one of: ${names.join(', ')}; or leave it out.` : 'Leave options.database out.',
  );
}

function unreadable(name: string): AppError {
  return new AppError(
    'SECRET_UNUSABLE',
    `The URL of the database ${name} cannot be read where the operator said it is.`,
    'Ask the operator to put lake.postgres_targets in order.',
  );
}
