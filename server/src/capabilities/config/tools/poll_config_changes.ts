import { z } from 'zod';
import type { Feed } from '../../../core/events/feed.ts';
import { formatPosition, parsePosition } from '../../../core/events/position.ts';
import { tool } from '../../../core/tool.ts';
import { clientId, profileName } from '../fields.ts';
import { releasedEvent } from '../releases/events.ts';

/** How many pages of changes of others are passed over for an answer. */
const mostPages = 50;
const sinceShape = /^\d{1,20}\.\d{1,15}$/;

export const pollConfigChanges = (feed: Feed) =>
  tool({
    name: 'poll_config_changes',
    title: 'Poll changes of configurations',
    description:
      'Tutti config: what was released since a token, in order, each once; call it again with next_token as since_token. With wait_s it waits until something comes. To have it pushed subscribe to config://{client}/{profile}, read /events, or put a webhook for config.released.',
    toolset: 'config',
    effect: 'read',
    scope: 'config:read',
    fromMemory: true,
    input: {
      since_token: z
        .string()
        .regex(sinceShape, 'must be the next_token of an answer, or 0.0')
        .refine((value) => parsePosition(value) !== undefined, 'must be the next_token of an answer, or 0.0')
        .optional()
        .describe(
          'The next_token of the answer before. Leave it out to begin now; 0.0 begins at the oldest event kept.',
        ),
      client_id: clientId.optional(),
      profile: profileName.optional(),
      wait_s: z.number().min(0).max(40).default(0).describe('Seconds to wait for the first change, 0 to 40.'),
      page_size: z.int().min(1).max(200).default(50).describe('Changes an answer, at most; 1 to 200.'),
    },
    output: z.looseObject({
      items: z
        .array(
          z.looseObject({
            client_id: z.string().describe('The client family.'),
            profile: z.string().describe('The profile.'),
            cohort: z
              .string()
              .describe('all, the id of a rollout, or schema:<version> for those who read no newer one.'),
            sequence: z.number().describe('Sequence of the statement.'),
            artifact_id: z.string().describe('The artifact that is current.'),
            version: z.string().describe('Its version.'),
            kind: z.string().describe('Why: publish, rollout, promote, pause, abort, resume or revert.'),
            changelog: z.string().describe('What changed.'),
            publisher_id: z.string().describe('Who drafted it.'),
            policy_set_id: z.string().describe('The policy set that it passed.'),
            issued_at: z.string().describe('When.'),
          }),
        )
        .describe('What was released, oldest first.'),
      next_token: z.string().describe('Give this as since_token to go on; nothing is skipped or repeated.'),
    }),
    async run({ since_token, client_id, profile, wait_s, page_size }, { principal, signal }) {
      const until = Date.now() + wait_s * 1000;
      let after = (since_token === undefined ? undefined : parsePosition(since_token)) ?? (await feed.now());
      for (let page = 1; ; page += 1) {
        const wanted = { types: [releasedEvent] };
        const { events, next } = await feed.read({ principal, wanted, after, limit: page_size });
        const items = events
          .map(({ data }) => data as Change)
          .filter((data) => client_id === undefined || data.client_id === client_id)
          .filter((data) => profile === undefined || data.profile === profile);
        const left = until - Date.now();
        // Behind an event there may be more at once, which is looked through also for those who do not wait.
        const over = left <= 0 && (next.seq === 0 || page >= mostPages);
        if (items.length > 0 || over || signal.aborted || feed.closed.aborted) {
          return { items, next_token: formatPosition(next) };
        }
        after = next;
        if (left > 0) await feed.wait(after, left, signal);
      }
    },
  });

/** The data of an event, as it was appended. */
type Change = Record<'client_id' | 'profile' | 'cohort' | 'artifact_id' | 'version' | 'kind', string> &
  Record<'changelog' | 'publisher_id' | 'policy_set_id' | 'issued_at', string> & { sequence: number };
