/** Cache: mails with their category, one file each. Usage: cache.ts [--store <directory>] */
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { addResource, addTool, classification, email, serve } from './serve.ts';
import { openStore } from './store.ts';

const { values } = parseArgs({ options: { store: { type: 'string', default: 'cache' } } });
const store = openStore<object>(values.store);

serve('cache', (server) => {
  addTool(
    server,
    'add_to_cache',
    {
      description: 'Keeps a mail with its category. The same mail again takes its own place.',
      input: z.object({ email, classification }),
      output: z.object({ success: z.boolean() }),
      writes: true,
    },
    (entry) => {
      store.put(entry.email.id, entry);
      return { success: true };
    },
  );
  addResource(server, 'cache', 'A mail with its category, by the id of the mail', store.get);
});
