import type { Db } from './db/database.ts';
import type { DocumentRoute } from './document.ts';
import type { ErrorRow } from './errors.ts';
import type { JobHandler, Schedule } from './jobs/handler.ts';
import type { JobQueue } from './jobs/queues.ts';
import type { Prompt } from './prompt.ts';
import type { ResourceKind } from './resource.ts';
import type { Measure } from './telemetry/measure.ts';
import type { Tool, Toolset } from './tool.ts';

/** What a capability brings: all that main.ts needs to know of it. */
export interface Slice {
  readonly name: Toolset;
  readonly tools: readonly Tool[];
  readonly handlers: readonly JobHandler[];
  readonly schedules: readonly Schedule[];
  /** Queues that this process takes from besides the one that all share. */
  readonly queues?: readonly JobQueue[];
  readonly resources: readonly ResourceKind[];
  /** What it serves as bytes at addresses of its own. */
  readonly documents?: readonly DocumentRoute[];
  readonly prompts: readonly Prompt[];
  /** Whoever has this scope without a bound sees the audit entries of its tools, of whomever they are. */
  readonly auditScope?: string;
  readonly errors: Readonly<Record<string, ErrorRow>>;
  /** Feature flags, such as `ingest.lance`: true only when it would work now. */
  readonly flags: () => Promise<Readonly<Record<string, boolean>>>;
  /** Figures for /metrics. */
  readonly measures?: () => readonly Measure[];
  /** Takes note, in the transaction that does, of bytes that came for a holder of objects. */
  uploaded?(tx: Db, holder: string): Promise<void>;
  /** Begins to keep in memory what it answers, in a process that serves; also where the database is only read. */
  startReading?(): Promise<void>;
  /** Begins what it does by itself, once jobs run. */
  start?(): Promise<void>;
  close?(): Promise<void>;
}
