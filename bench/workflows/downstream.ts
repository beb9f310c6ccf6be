import { startToolServer } from '../../server/test/support/tool-server.ts';
import { serveChild } from '../support/serve-child.ts';

/** What it tells of itself. */
export interface Downstream {
  readonly url: string;
}

/** A process with an MCP server whose only tool answers at once. */
await serveChild(async (_: null, undo) => {
  const server = await startToolServer({ echo: { run: (args) => args } });
  undo(() => server.stop());
  return { info: { url: server.url } satisfies Downstream };
});
