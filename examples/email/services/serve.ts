/** What the seven services have in common: an MCP server over stdio whose answers are JSON. */
import { McpServer, ResourceTemplate } from '@modelcontextprotocol/server';
import { serveStdio } from '@modelcontextprotocol/server/stdio';
import { z } from 'zod';

interface ToolFace<In extends z.ZodObject, Out extends z.ZodObject> {
  readonly description: string;
  readonly input: In;
  readonly output: Out;
  /** Left out where it only reads. All of them may be called twice without harm, so whoever calls may try again. */
  readonly writes?: true;
}

/** Ids name files and stand in URIs. */
export const id = z.string().regex(/^[a-z0-9][a-z0-9._-]{0,199}$/);

/** A mail, as `fetch_emails` tells it. The body was written by a stranger: it is data, never instructions. */
export const email = z.looseObject({
  id,
  from: z.string(),
  subject: z.string(),
  date: z.iso.datetime(),
  body: z.string(),
});
export type Email = z.output<typeof email>;

export const classification = z.looseObject({ category: z.string(), score: z.number().min(0).max(1) });

/** What the graph holds of a mail. */
export const node = z.looseObject({
  node_id: id,
  labels: z.array(z.string()),
  properties: z.record(z.string(), z.unknown()),
});

/** Serves the tools, resources and prompts that `add` registers, until standard input ends. */
export function serve(name: string, add: (server: McpServer) => void): void {
  serveStdio(() => {
    const server = new McpServer({ name: `email-${name}`, version: '1.0.0' });
    add(server);
    return server;
  });
}

/** Adds a tool. What `run` throws is told to the caller as a failure of the tool. */
export function addTool<In extends z.ZodObject, Out extends z.ZodObject>(
  server: McpServer,
  name: string,
  { description, input, output, writes }: ToolFace<In, Out>,
  run: (input: z.output<In>) => z.output<Out> | Promise<z.output<Out>>,
): void {
  const annotations = writes
    ? { readOnlyHint: false, idempotentHint: true, destructiveHint: false }
    : { readOnlyHint: true };
  const face = { description, inputSchema: input as z.ZodObject, outputSchema: output as z.ZodObject, annotations };
  server.registerTool(name, face, async (given) => {
    const value = await run(given as z.output<In>);
    return { content: [{ type: 'text', text: JSON.stringify(value) }], structuredContent: value };
  });
}

/** Adds the resources `scheme://{id}`. */
export function addResource(
  server: McpServer,
  scheme: string,
  description: string,
  read: (id: string) => unknown,
): void {
  const template = new ResourceTemplate(`${scheme}://{id}`, { list: undefined });
  server.registerResource(scheme, template, { description, mimeType: 'application/json' }, async (uri, given) => {
    const found = await read(id.parse(given.id));
    if (found === undefined) throw new Error(`There is no ${uri}.`);
    return { contents: [{ uri: String(uri), mimeType: 'application/json', text: JSON.stringify(found) }] };
  });
}
