// An MCP server over stdio that writes down how it was started: recorder.mjs <file> <any arguments>
import { writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

const [file, ...args] = process.argv.slice(2);
writeFileSync(file, JSON.stringify({ args, cwd: process.cwd(), env: process.env }));
const say = (message) => process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
createInterface({ input: process.stdin }).on('line', (line) => {
  const { id, method, params } = JSON.parse(line);
  if (method === 'initialize') {
    const { protocolVersion } = params;
    const serverInfo = { name: 'recorder', version: '1.0.0' };
    say({ id, result: { protocolVersion, capabilities: { tools: {} }, serverInfo } });
  } else if (method === 'tools/list') {
    const inputSchema = { type: 'object' };
    say({ id, result: { tools: ['shown', 'hidden'].map((name) => ({ name, description: name, inputSchema })) } });
  } else if (id !== undefined) say({ id, error: { code: -32601, message: 'unknown' } });
});
