import { z } from 'zod';
import { untrusted } from '../../../core/errors.ts';
import { type Cursors, nextPageField, pageFields, pageOf } from '../../../core/page.ts';
import { tool } from '../../../core/tool.ts';
import { untrustedSchema } from '../downstream/show.ts';
import type { Downstream, ServerStatus } from '../downstream/types.ts';

export const listDownstreamServers = (downstream: Downstream, cursors: Cursors) =>
  tool({
    name: 'list_downstream_servers',
    title: 'List downstream servers',
    description:
      'Tutti workflows: lists the MCP servers that the operator declared, whose tools the states of workflows call as mcp://<server>/<tool>, and how each stands in the process that answers. For what one offers use list_downstream_tools.',
    toolset: 'workflows',
    effect: 'read',
    scope: 'workflows:read',
    input: pageFields,
    output: z.looseObject({
      items: z
        .array(
          z.looseObject({
            name: z.string().describe('Its name, the host of mcp://<server>/<tool>.'),
            transport: z.string().describe('stdio, a child process, or http.'),
            state: z
              .string()
              .describe(
                'idle (not connected, which the next call changes), connecting, connected, down (failed last), or breaker_open (failed so often that it is not asked for half a minute); more may come.',
              ),
            active: z.number().describe('Calls under way.'),
            waiting: z.number().describe('Calls that wait for a place.'),
            tools: z.number().optional().describe('How many tools it offered when last asked; absent if it never was.'),
            connected_at: z.string().optional().describe('Since when it is connected, ISO 8601 UTC.'),
            last_error: z
              .looseObject({
                kind: z.string().describe('unreachable, timeout, bad_answer or closed_in_flight; more may come.'),
                at: z.string().describe('When, ISO 8601 UTC.'),
                text: untrustedSchema,
              })
              .optional()
              .describe('How it failed last; absent once a call succeeded.'),
          }),
        )
        .describe('The servers, by name.'),
      next_page: nextPageField,
    }),
    examples: [
      {
        title: 'How all of them stand',
        input: {},
        output: {
          items: [
            {
              name: 'mail',
              transport: 'stdio',
              state: 'connected',
              active: 1,
              waiting: 0,
              tools: 2,
              connected_at: '2026-11-20T09:31:00.000Z',
            },
          ],
        },
      },
    ],
    async run({ page, page_size }) {
      const after = cursors.decode('list_downstream_servers', undefined, page);
      await downstream.names();
      const rows = downstream.status().filter(({ name }) => after === undefined || name > after);
      return pageOf(rows.slice(0, page_size + 1), page_size, shown, ({ name }) =>
        cursors.encode('list_downstream_servers', undefined, name),
      );
    },
  });

function shown({ name, transport, state, active, waiting, tools, connectedAt, lastError }: ServerStatus) {
  return {
    name,
    transport,
    state,
    active,
    waiting,
    ...(tools !== undefined && { tools }),
    ...(connectedAt !== undefined && { connected_at: connectedAt }),
    ...(lastError && {
      last_error: {
        kind: lastError.kind,
        at: lastError.at,
        text: { ...untrusted(`mcp://${name}`, lastError.message) },
      },
    }),
  };
}
