import { z } from 'zod';

/** What a job's state may be today. It is open-ended for callers: new states may come. */
export type JobState = 'queued' | 'running' | 'waiting' | 'succeeded' | 'failed' | 'canceled' | 'timed_out';

export const terminalStates: readonly JobState[] = ['succeeded', 'failed', 'canceled', 'timed_out'];

/** A durable unit of long work, as every surface shows it. */
export const jobSchema = z.looseObject({
  id: z.string().describe('Id of the job, such as job_01j….'),
  kind: z.string().describe('What kind of work it is, such as lake.ingest.'),
  dataset_id: z.string().nullable().describe('The dataset it works on, if any.'),
  state: z
    .string()
    .describe(
      'queued, running, waiting, succeeded, failed, canceled or timed_out; more may come: it is over once finished_at is set.',
    ),
  progress: z.number().describe('From 0 to 1.'),
  counters: z
    .record(z.string(), z.number())
    .describe('What was counted so far: inserted, updated, errors and others by kind.'),
  error: z
    .looseObject({
      code: z.string().describe('Error code.'),
      message: z.string().describe('What went wrong, in our own words.'),
      suggestion: z.string().describe('What to do next.'),
      retryable: z.boolean().describe('Whether the same call may work later.'),
    })
    .optional()
    .describe('Why it failed; absent otherwise.'),
  created_at: z.string().describe('When it was accepted, ISO 8601 UTC.'),
  started_at: z.string().optional().describe('When it first ran; absent while queued.'),
  finished_at: z.string().optional().describe('When it ended; absent until then.'),
  metadata: z.record(z.string(), z.unknown()).describe('What the kind of job adds, such as a report.'),
});

export type Job = z.output<typeof jobSchema>;
