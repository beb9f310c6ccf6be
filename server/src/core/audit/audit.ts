import type { Principal } from '../auth/principal.ts';
import type { Db } from '../db/database.ts';
import { AppError } from '../errors.ts';
import { newId } from '../ids.ts';
import type { Keys } from '../keys.ts';
import type { Logger } from '../log.ts';
import { createAttempts } from './attempts.ts';
import { inputText, type NewEntry, subjectOf } from './entry.ts';
import { insertEntry } from './store.ts';

/** A call as `invoke` knows it. */
export interface AuditedCall {
  readonly tool: { readonly name: string; readonly effect: string };
  readonly principal: Principal;
  /** As the caller sent it. Only its keyed hash is kept. */
  readonly input: unknown;
}

export interface Audit {
  /** Notes a change in its own transaction, so that neither is there without the other. */
  changed(tx: Db, call: AuditedCall, output: unknown, detail?: Readonly<Record<string, unknown>>): Promise<void>;
  /** Notes a denial, or a change that failed. Never throws: the caller is to hear of the failure itself. */
  failed(call: AuditedCall, error: unknown): Promise<void>;
  /** Counts a request of somebody whom nobody knows. Many become one entry. */
  unauthenticated(address: string): void;
  /** Writes down what was only counted. */
  flush(): Promise<void>;
}

export interface AuditSettings {
  readonly db: Db;
  readonly keys: Keys;
  readonly log: Logger;
  /** Called at each entry: there will be something to seal. */
  readonly onEntry?: () => void;
}

/** The audit of a server that writes nothing: its denials are lines of its log. */
export function createLogAudit(log: Logger): Audit {
  return {
    async changed() {
      throw new Error('a server that only reads has changed something');
    },
    async failed({ tool, principal }, error) {
      const outcome = error instanceof AppError ? error.code : 'INTERNAL';
      log.info({ tool: tool.name, principal: principal.id, outcome, detail: denialOf(error) }, 'denied or failed');
    },
    unauthenticated: (address) => log.info({ address }, 'a request without a valid token'),
    flush: async () => undefined,
  };
}

/** Who did what, on what, how it ended. Reads are not noted, but when they are denied. */
export function createAudit({ db, keys, log, onEntry }: AuditSettings): Audit {
  const write = async (to: Db, entry: NewEntry) => {
    onEntry?.();
    await insertEntry(to, newId('aud'), entry);
  };
  const attempts = createAttempts((entry) => write(db, entry), log);

  function describe({ tool, principal, input }: AuditedCall) {
    const text = inputText(input);
    return {
      principal_id: principal.id,
      principal_name: principal.name,
      tool: tool.name,
      effect: tool.effect,
      input_hmac: text === undefined ? null : keys.sign('audit-input', text),
    };
  }

  return {
    async changed(tx, call, output, detail) {
      const subject = subjectOf(call.input, output);
      await write(tx, { ...describe(call), outcome: 'ok', subject, detail: detail ?? null });
    },
    async failed(call, error) {
      const outcome = error instanceof AppError ? error.code : 'INTERNAL';
      if (call.tool.effect === 'read' && outcome !== 'FORBIDDEN') return;
      try {
        await write(db, { ...describe(call), outcome, subject: subjectOf(call.input), detail: denialOf(error) });
      } catch (fault) {
        log.error({ error: fault, tool: call.tool.name, principal: call.principal.id, outcome }, 'no audit entry');
      }
    },
    unauthenticated: attempts.count,
    flush: attempts.flush,
  };
}

/** Of a denial, what was missing. Nothing else of an error is kept: its words may hold a part of the input. */
function denialOf(error: unknown): Record<string, unknown> | null {
  if (!(error instanceof AppError) || error.code !== 'FORBIDDEN') return null;
  const { required_scope, read_only } = (error.details ?? {}) as { required_scope?: unknown; read_only?: unknown };
  if (typeof required_scope === 'string') return { required_scope };
  return read_only === true ? { read_only } : null;
}
