import { z } from 'zod';
import { tool } from '../../../core/tool.ts';

/** The newest protocol revision that the server speaks. */
const mcpVersion = '2026-07-28';

export const listCapabilities = (serverVersion: string, flags: () => Promise<Readonly<Record<string, boolean>>>) =>
  tool({
    name: 'list_capabilities',
    title: 'List capabilities',
    description:
      'Tutti: says which features work on this server now, such as ingest.lance, and which versions it speaks. Call it before relying on an optional target or store.',
    toolset: 'system',
    effect: 'read',
    scope: 'system:read',
    common: true,
    input: {},
    output: z.looseObject({
      capabilities: z.array(z.string()).describe('Features that work now.'),
      flags: z.record(z.string(), z.boolean()).describe('All known features, and whether each works now.'),
      server_version: z.string().describe('Version of the server.'),
      mcp_version: z.string().describe('Newest protocol revision that it speaks.'),
    }),
    async run() {
      const known = await flags();
      return {
        capabilities: Object.keys(known).filter((name) => known[name]),
        flags: known,
        server_version: serverVersion,
        mcp_version: mcpVersion,
      };
    },
  });
