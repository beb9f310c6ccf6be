import { z } from 'zod';
import type { Cause } from './cause.ts';
import type { Position } from './position.ts';

/** Something that changed. It is appended in the transaction of the change, so that neither is without the other. */
export interface NewEvent {
  /** What happened, such as `job.updated`. */
  readonly type: string;
  /** What it happened to: the kind of a resource and its id, such as `job:job_01j…`. */
  readonly subject: string;
  readonly toolset: string;
  /** The principal who alone sees it, besides administrators; absent when all with the toolset's read scope do. */
  readonly owner?: string;
  readonly datasetId?: string;
  /** The whole of what changed, in its public form. */
  readonly data: Readonly<Record<string, unknown>>;
  /** What led to it; by default what `setCause` said of the transaction. */
  readonly cause?: Cause;
}

export interface StoredEvent extends NewEvent {
  readonly seq: number;
  readonly id: string;
  readonly time: Date;
  readonly position: Position;
}

/** An event as every surface shows it. */
export const eventSchema = z.looseObject({
  seq: z.number().describe('Number of the event. Of two events of one subject the higher one is the newer.'),
  id: z.string().describe('Id of the event, such as evt_01j….'),
  type: z.string().describe('What happened: job.updated or dataset.updated; more may come.'),
  time: z.string().describe('When, ISO 8601 UTC.'),
  subject: z.string().describe('What it happened to: job:<id> or dataset:<id>; more may come.'),
  data: z.record(z.string(), z.unknown()).describe('The whole job or dataset as it was then.'),
  cause: z
    .looseObject({
      event_id: z.string().describe('Id of the event that led to it.'),
      depth: z.number().describe('How many events led to it, one by one.'),
    })
    .optional()
    .describe('What led to it; absent when somebody called a tool.'),
});

export function toEvent(event: StoredEvent): z.output<typeof eventSchema> {
  const { seq, id, type, time, subject, data, cause } = event;
  return { seq, id, type, time: time.toISOString(), subject, data, ...(cause && { cause }) };
}
