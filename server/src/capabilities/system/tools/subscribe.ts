import { z } from 'zod';
import { readableToolsets } from '../../../core/auth/principal.ts';
import type { Feed } from '../../../core/events/feed.ts';
import { formatPosition } from '../../../core/events/position.ts';
import { listJobs } from '../../../core/jobs/store.ts';
import { tool } from '../../../core/tool.ts';

const datasetUpdated = 'dataset.updated';
const jobUpdated = 'job.updated';
const openStates = ['queued', 'running', 'waiting'];
const maxJobs = 100;

export const subscribe = (feed: Feed, baseUrl: () => string) =>
  tool({
    name: 'subscribe',
    title: 'Subscribe to events',
    description:
      'Tutti: answers where to hear of changes from now on, of one dataset or of certain kinds: a position for poll_events (give the same dataset_id and kinds), a URL that streams them as server-sent events (with your bearer token), and the MCP resources to subscribe to. It changes nothing and holds nothing open. To wait for one job, job_status is simpler.',
    toolset: 'system',
    effect: 'read',
    scope: 'system:read',
    input: {
      dataset_id: z.string().min(1).max(100).optional().describe('Only events of this dataset and of the jobs on it.'),
      kinds: z
        .array(z.string().regex(/^[a-z0-9_.-]{1,100}$/, 'a type of event such as job.updated'))
        .min(1)
        .max(50)
        .optional()
        .describe('Only events of these types, such as job.updated or dataset.updated.'),
    },
    output: z.looseObject({
      since: z.string().describe('The position now: nothing that happens from here on is missed. For poll_events.'),
      events_url: z.string().describe('GET it with your token: server-sent events from that position on.'),
      resources: z
        .array(z.string())
        .describe('URIs to subscribe to over MCP: the dataset, and the jobs that have not ended.'),
    }),
    async run({ dataset_id, kinds }, { db, principal, tools }) {
      // First, so that whatever is read after it is told again rather than missed.
      const since = formatPosition(await feed.now());
      // Refuses a dataset that is not there or not for this caller.
      if (dataset_id !== undefined) await tools.call('get_dataset', { dataset_id });
      const tells = (kind: string) => kinds === undefined || kinds.includes(kind);
      const filter = { toolsets: readableToolsets(principal), owner: principal.admin ? undefined : principal.id };
      const jobs = tells(jobUpdated)
        ? await listJobs(db, {
            ...filter,
            dataset_id,
            kind: undefined,
            state: undefined,
            before: undefined,
            limit: maxJobs,
          })
        : [];
      const url = new URL('/events', baseUrl());
      if (kinds) url.searchParams.set('kinds', kinds.join(','));
      if (dataset_id !== undefined) url.searchParams.set('dataset_id', dataset_id);
      url.searchParams.set('since', since);
      return {
        since,
        events_url: url.href,
        resources: [
          ...(dataset_id !== undefined && tells(datasetUpdated) ? [`dataset://${dataset_id}`] : []),
          ...jobs.filter(({ state }) => openStates.includes(state)).map(({ id }) => `job://${id}`),
        ],
      };
    },
  });
