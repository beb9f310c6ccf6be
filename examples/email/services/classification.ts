/** Email Classification, by rules in a file. Usage: classification.ts --rules <rules.json> [--store <directory>] */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { addResource, addTool, classification, type Email, email, serve } from './serve.ts';
import { openStore } from './store.ts';

const options = { rules: { type: 'string' }, store: { type: 'string', default: 'classifications' } } as const;
const { values } = parseArgs({ options });
if (values.rules === undefined) throw new Error('Say by which rules: --rules <rules.json>');

const rulesSchema = z.strictObject({
  /** Of a mail to which no rule speaks. */
  otherwise: z.string(),
  /** The first has the highest rank: it wins when two are sure of a mail alike. */
  rules: z.array(
    z.strictObject({
      category: z.string(),
      /** Words or phrases, in small letters, and how much each speaks for the category: 1 is enough by itself. */
      words: z.record(z.string(), z.number().positive().max(1)),
    }),
  ),
});
type Rules = z.output<typeof rulesSchema>;

const rules: Rules = rulesSchema.parse(JSON.parse(readFileSync(values.rules, 'utf8')));
const store = openStore<object>(values.store);

/** Words in the subject count twice. */
function classify({ subject, body }: Email) {
  const [head, text] = [subject, body].map((part) => ` ${part.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, ' ')} `);
  const ranked = rules.rules.map(({ category, words }) => {
    const found = Object.entries(words).filter(([word]) => head?.includes(` ${word} `) || text?.includes(` ${word} `));
    const sum = found.reduce((all, [word, weight]) => all + weight * (head?.includes(` ${word} `) ? 2 : 1), 0);
    return { category, score: Math.min(1, Math.round(sum * 100) / 100), words: found.map(([word]) => word) };
  });
  const [best] = ranked.sort((a, b) => b.score - a.score);
  return best && best.score > 0 ? best : { category: rules.otherwise, score: 0, words: [] };
}

serve('classification', (server) => {
  addTool(
    server,
    'classify_email',
    {
      description: 'Says which category a mail is of, how sure that is, and which words told it.',
      input: z.object({ email }),
      output: classification,
      writes: true,
    },
    ({ email: given }) => {
      const found = classify(given);
      store.put(given.id, found);
      return found;
    },
  );
  addResource(server, 'classification', 'The category of a mail, by the id of the mail', store.get);
});
