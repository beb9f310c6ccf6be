import { connect, type Socket } from 'node:net';

const meta = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientInfo': { name: 'test', version: '1.0.0' },
  'io.modelcontextprotocol/clientCapabilities': {},
};

export interface McpListener {
  readonly socket: Socket;
  /** The URIs of all updates so far. */
  readonly updates: readonly string[];
  /** Settles when the server has taken the subscription. */
  readonly subscribed: Promise<void>;
  cut(): void;
}

/** A subscription to resource updates by the bytes that a client of revision 2026-07-28 sends. Pause its socket to read nothing. */
export function listenForUpdates(url: string, token: string, uris: readonly string[]): McpListener {
  const body = JSON.stringify({
    jsonrpc: '2.0',
    id: 1,
    method: 'subscriptions/listen',
    params: { notifications: { resourceSubscriptions: uris }, _meta: meta },
  });
  const head = [
    'POST /mcp HTTP/1.1',
    'Host: localhost',
    `Authorization: Bearer ${token}`,
    'Content-Type: application/json',
    'Accept: application/json, text/event-stream',
    'MCP-Protocol-Version: 2026-07-28',
    'MCP-Method: subscriptions/listen',
    `Content-Length: ${Buffer.byteLength(body)}`,
  ];
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  const updates: string[] = [];
  let rest = '';
  const subscribed = Promise.withResolvers<void>();
  socket.on('data', (chunk: Buffer) => {
    const lines = (rest + chunk.toString('latin1')).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      if (line.includes('notifications/subscriptions/acknowledged')) subscribed.resolve();
      const [, uri] = /notifications\/resources\/updated.*?"uri":"([^"]+)"/.exec(line) ?? [];
      if (uri !== undefined) updates.push(uri);
    }
  });
  socket.on('error', () => undefined);
  socket.once('close', () => subscribed.reject(new Error(`the subscription ended: ${rest}`)));
  subscribed.promise.catch(() => undefined); // whoever cuts it off at the end knows
  socket.write(`${head.join('\r\n')}\r\n\r\n${body}`);
  return {
    socket,
    updates,
    subscribed: subscribed.promise,
    cut: () => socket.destroy(),
  };
}
