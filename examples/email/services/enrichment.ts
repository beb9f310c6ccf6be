/**
 * Content Enrichment: what can be read off a mail. Usage: enrichment.ts [--store <directory>] [--out-of-order <file>]
 * While that file is there, it fails for the mails whose ids begin as one of its lines says: to watch a pipeline meet that.
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { addResource, addTool, node, serve } from './serve.ts';
import { openStore } from './store.ts';

const options = { store: { type: 'string', default: 'enriched' }, 'out-of-order': { type: 'string' } } as const;
const { values } = parseArgs({ options });
const store = openStore<object>(values.store);

function isOutOfOrder(mail: string): boolean {
  if (values['out-of-order'] === undefined) return false;
  try {
    const lines = readFileSync(values['out-of-order'], 'utf8').split('\n');
    return lines.some((line) => line.trim() !== '' && mail.startsWith(line.trim()));
  } catch {
    return false;
  }
}

const find = (text: string, pattern: RegExp) => [...new Set(text.match(pattern) ?? [])];

/** Amounts, hosts of links, references and the first day that it names. */
function read(text: string) {
  const [due] = find(text, /\b20\d\d-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])\b/g);
  return {
    words: text.split(/\s+/).filter((word) => word !== '').length,
    amounts: find(text, /(?:€|\$|£|EUR |USD |GBP )\d[\d,]*(?:\.\d\d)?/g),
    links: find(text, /https?:\/\/[^\s<>")]+/g).flatMap((link) => (URL.canParse(link) ? [new URL(link).host] : [])),
    references: find(text, /\b[A-Z]{2,5}-\d{3,}\b/g),
    ...(due !== undefined && { due: `${due}T00:00:00.000Z` }),
  };
}

serve('enrichment', (server) => {
  addTool(
    server,
    'enrich_content',
    {
      description:
        'Adds to the node of a mail what can be read off its text: amounts, links, references, a day that is named.',
      input: z.object({ node }),
      output: node,
      writes: true,
    },
    ({ node: given }) => {
      const { email_id: mail = '', subject = '', body = '' } = given.properties;
      if (isOutOfOrder(String(mail))) throw new Error('The enricher is out of order.');
      const enriched = { ...given, properties: { ...given.properties, ...read(`${subject}\n${body}`) } };
      store.put(given.node_id, enriched);
      return enriched;
    },
  );
  addResource(server, 'enriched', 'An enriched node by its id', store.get);
});
