import type { McpCaller } from './mcp-client.ts';
import type { Narrator } from './narrator.ts';

/** What an act has to play with. */
export interface ActContext {
  /** A real MCP client, connected to the throw-away server. */
  readonly mcp: McpCaller;
  readonly narrator: Narrator;
  /** The image that was asked for, for jobs in containers. */
  readonly image?: string | undefined;
  /** While this file is there, a service of the email example fails for the mails that it names. */
  readonly outOfOrder: string;
  /** A folder of the tour's own. */
  readonly scratch: string;
  /** Runs the `tutti` command for the throw-away server's data and answers what it says; throws when it fails. */
  tutti(...args: readonly string[]): Promise<string>;
  /** Connects somebody else, who may do what these grants say. */
  connectAs(name: string, grant: string): Promise<McpCaller>;
  /** Ends the server for good: for the act that is played last. */
  stopServer(): Promise<void>;
}

/** One capability, played from end to end. An act returns only when every result was as it must be. */
export interface Act {
  readonly title: string;
  /** The act that it goes on from: that one is played first. */
  readonly after?: Act;
  run(context: ActContext): Promise<void>;
}

/** Stops the tour when a result is not what it must be. */
export function expectEqual(what: string, actual: unknown, expected: unknown): void {
  const [got, wanted] = [JSON.stringify(actual), JSON.stringify(expected)];
  if (got !== wanted) throw new Error(`${what}\nexpected ${cut(wanted)}\ngot      ${cut(got)}`);
}

function cut(text = 'nothing'): string {
  return text.length > 600 ? `${text.slice(0, 600)}…` : text;
}
