import path from 'node:path';
import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';

/** The folder of the email example. */
export const emailFolder = path.join(import.meta.dirname, '../../../examples/email');

/** Starts one of its services, which keeps its stores below `cwd`, as a process of the test's own. */
export async function startEmailService(
  name: string,
  { args, cwd, env = {} }: { readonly args: readonly string[]; readonly cwd: string; readonly env?: object },
): Promise<Client> {
  const client = new Client({ name: 'test', version: '1.0.0' });
  const file = path.join(emailFolder, 'services', `${name}.ts`);
  await client.connect(
    new StdioClientTransport({ command: process.execPath, args: [file, ...args], cwd, env: { ...env } }),
  );
  return client;
}
