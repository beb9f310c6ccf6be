import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';

// biome-ignore lint/suspicious/noExplicitAny: the acts check what comes back, field by field
type Answer = any;

export interface McpCaller {
  /** The protocol revision that both sides agreed on. */
  readonly revision: string;
  readonly toolCount: number;
  /** Calls a tool and answers its structured content; throws with the envelope when it failed. */
  call(name: string, input: Record<string, unknown>): Promise<Answer>;
  /** Calls a tool that may fail: answers its structured content, or the error of its envelope. */
  attempt(name: string, input: Record<string, unknown>): Promise<{ readonly answer?: Answer; readonly error?: Answer }>;
  close(): Promise<void>;
}

/** Connects the official MCP client to all tools. After `tools/list` it checks every answer against the tool's output schema. */
export async function connectMcp(url: string, token: string, trace: (line: string) => void): Promise<McpCaller> {
  const client = new Client({ name: 'tutti-tour', version: '1.0.0' }, { versionNegotiation: { mode: 'auto' } });
  const headers = { authorization: `Bearer ${token}` };
  await client.connect(new StreamableHTTPClientTransport(new URL(`${url}/mcp/all`), { requestInit: { headers } }));
  const { tools } = await client.listTools();
  const attempt: McpCaller['attempt'] = async (name, input) => {
    trace(`→ ${name} ${JSON.stringify(input)}`);
    const result = await client.callTool({ name, arguments: input });
    const [first] = result.content;
    const text = first?.type === 'text' ? first.text : '';
    trace(`← ${text}`);
    return result.isError ? { error: JSON.parse(text).error } : { answer: result.structuredContent };
  };
  return {
    attempt,
    revision: client.getNegotiatedProtocolVersion() ?? 'an unknown revision',
    toolCount: tools.length,
    async call(name, input) {
      const { answer, error } = await attempt(name, input);
      if (error) throw new Error(`${name}\nexpected an answer\ngot      ${JSON.stringify(error)}`);
      return answer;
    },
    close: () => client.close(),
  };
}
