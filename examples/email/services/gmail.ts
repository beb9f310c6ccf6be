/** Gmail Retrieval: mails of an mbox file or a maildir. Usage: gmail.ts --mail <file or directory> */
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { readMailbox } from './mailbox.ts';
import { addResource, addTool, email, serve } from './serve.ts';

const { values } = parseArgs({ options: { mail: { type: 'string' } } });
const mail = values.mail;
if (mail === undefined) throw new Error('Say where the mail is: --mail <mbox or maildir>');

serve('gmail', (server) => {
  addTool(
    server,
    'fetch_emails',
    {
      description: 'Fetches the mails that came at a time or later, the oldest first.',
      input: z.object({ since: z.iso.datetime({ offset: true }).optional().describe('ISO 8601') }),
      // A list, wrapped as FastMCP wraps it: an answer of MCP is an object.
      output: z.object({ result: z.array(email) }).meta({ 'x-fastmcp-wrap-result': true }),
    },
    ({ since }) => {
      const from = since === undefined ? Number.NEGATIVE_INFINITY : Date.parse(since);
      return { result: readMailbox(mail).filter(({ date }) => Date.parse(date) >= from) };
    },
  );
  addResource(server, 'email', 'A mail by its id', (id) => readMailbox(mail).find((one) => one.id === id));
});
