import { lakeOf } from '../lake.ts';
import type { TestServer } from '../server.ts';

// biome-ignore lint/suspicious/noExplicitAny: answers are checked by the tests themselves
type Body = any;

/** Rows with a number and a text. */
export const csv = (rows: readonly string[]) => `id,text\n${rows.map((row, at) => `${at},${row}`).join('\n')}\n`;

/** The steps of the lake's path to the target weaviate. */
export function weaviateLake(server: TestServer) {
  const lake = lakeOf(server);
  const target = 'weaviate';
  async function add(id: string, objects: Record<string, string>, version: string): Promise<void> {
    for (const [object, text] of Object.entries(objects)) await lake.upload(id, object, text);
    await lake.commit(id, version);
  }
  return {
    ...lake,
    add,
    async datasetOf(name: string, objects: Record<string, string>): Promise<string> {
      const id = await lake.dataset(name);
      await add(id, objects, 'v1');
      return id;
    },
    ingest: (id: string, more: object = {}): Promise<Body> => lake.ingest(id, { target, ...more }),
    /** The texts of what is found, best first. */
    async texts(id: string, query = '', more: object = {}): Promise<string[]> {
      const { items } = await lake.search(id, query, { target, page_size: 200, ...more });
      return items.map(({ row }: Body) => row.text);
    },
  };
}

export type WeaviateLake = ReturnType<typeof weaviateLake>;
