import { z } from 'zod';
import { eventSchema, toEvent } from '../../../core/events/event.ts';
import type { Feed } from '../../../core/events/feed.ts';
import { formatPosition, parsePosition } from '../../../core/events/position.ts';
import { tool } from '../../../core/tool.ts';

export const pollEvents = (feed: Feed) =>
  tool({
    name: 'poll_events',
    title: 'Poll events',
    description:
      'Tutti: what changed among the jobs and datasets that you may see, in order, each event once: call it again with `next` as `since`. With wait_s it waits until something comes. To wait for one job, job_status is simpler.',
    toolset: 'system',
    effect: 'read',
    scope: 'system:read',
    common: true,
    input: {
      since: z
        .string()
        .regex(/^\d{1,20}\.\d{1,15}$/, 'must be the `next` of an answer, or 0.0')
        .refine((value) => parsePosition(value) !== undefined, 'must be the `next` of an answer, or 0.0')
        .optional()
        .describe('The `next` of the answer before. Leave it out to begin now; 0.0 begins at the oldest event kept.'),
      types: z
        .array(z.string().min(1).max(100))
        .min(1)
        .max(50)
        .optional()
        .describe('Only events of these types, such as job.updated or dataset.updated.'),
      kinds: z
        .array(z.string().min(1).max(100))
        .min(1)
        .max(50)
        .optional()
        .describe('The same as types, by the name that subscribe has for it; of both together, events of either.'),
      dataset_id: z.string().max(100).optional().describe('Only events of this dataset and of the jobs on it.'),
      wait_s: z.number().min(0).max(40).default(0).describe('Seconds to wait for the first event, 0 to 40.'),
      page_size: z.int().min(1).max(200).default(50).describe('Events an answer, at most; 1 to 200.'),
    },
    output: z.looseObject({
      items: z
        .array(eventSchema)
        .describe('The events, oldest first. As many as page_size: there may be more at once.'),
      next: z.string().describe('Give this as `since` to go on; nothing is skipped or repeated.'),
    }),
    async run({ since, types, kinds, dataset_id, wait_s, page_size }, { principal, signal }) {
      const until = Date.now() + wait_s * 1000;
      const wanted = {
        types: types || kinds ? [...(types ?? []), ...(kinds ?? [])] : undefined,
        datasetId: dataset_id,
      };
      let after = (since === undefined ? undefined : parsePosition(since)) ?? (await feed.now());
      for (;;) {
        const { events, next } = await feed.read({ principal, wanted, after, limit: page_size });
        const left = until - Date.now();
        if (events.length > 0 || left <= 0 || signal.aborted || feed.closed.aborted) {
          return { items: events.map(toEvent), next: formatPosition(next) };
        }
        after = next;
        await feed.wait(after, left, signal);
      }
    },
  });
