import { createHash } from 'node:crypto';
import { type Act, type ActContext, expectEqual } from '../act.ts';
import { waitForJob } from '../job.ts';
import { type Movie, moviesName, readMovies, toBytes } from '../movies.ts';
import { upload } from '../upload.ts';

/** A real public data set, from the first call to a row found again. */
export const dataset: Act = {
  title: 'A dataset from upload to search',
  async run(context) {
    const objects = Object.entries(await readMovies());
    const movies = objects.flatMap(([, rows]) => rows);
    const files = new Map(objects.map(([key, rows]) => [key, toBytes(rows)]));
    await lookAround(context);
    const id = await register(context);
    await upload(context, id, files);
    await compareObjects(context, id, files);
    await commit(context, id, files);
    await check(context, id, movies.length);
    await ingest(context, id, movies.length);
    await searchByWords(context, id);
    await searchByFilter(context, id, movies);
  },
};

async function lookAround({ mcp, narrator }: ActContext): Promise<void> {
  await narrator.step('list_capabilities', async () => {
    const { capabilities, server_version: version } = await mcp.call('list_capabilities', {});
    expectEqual('ingest.lance works here', capabilities.includes('ingest.lance'), true);
    return [undefined, `Tutti ${version}, ${capabilities.length} features`];
  });
}

function register({ mcp, narrator }: ActContext): Promise<string> {
  return narrator.step('register_dataset', async () => {
    const input = { name: moviesName, uri: `tutti://${moviesName}`, tags: ['tour'] };
    const made = await mcp.call('register_dataset', input);
    expectEqual('the state of a new dataset', made.state, 'registered');
    return [made.id, made.id];
  });
}

async function compareObjects(
  { mcp, narrator }: ActContext,
  id: string,
  files: ReadonlyMap<string, Buffer>,
): Promise<void> {
  const sorted = [...files].sort(([a], [b]) => (a < b ? -1 : 1));
  await narrator.step('list_objects', async () => {
    const { items } = await mcp.call('list_objects', { dataset_id: id });
    const found = items.map((item: { key: string; size: number }) => [item.key, item.size]);
    expectEqual(
      'the objects',
      found,
      sorted.map(([key, body]) => [key, body.length]),
    );
    return [undefined, `${items.length} objects`];
  });
  await narrator.step('head_object', async () => {
    for (const [key, body] of sorted) {
      const { sha256 } = await mcp.call('head_object', { dataset_id: id, object_key: key });
      expectEqual(`the SHA-256 of ${key}`, sha256, createHash('sha256').update(body).digest('hex'));
    }
    return [undefined, `${sorted.length} SHA-256 as our own`];
  });
}

async function commit({ mcp, narrator }: ActContext, id: string, files: ReadonlyMap<string, Buffer>): Promise<void> {
  await narrator.step('commit_dataset_version', async () => {
    const size = [...files.values()].reduce((sum, body) => sum + body.length, 0);
    const { version, bytes } = await mcp.call('commit_dataset_version', { dataset_id: id, version: 'v1' });
    expectEqual('the committed version', [version, bytes], ['v1', size]);
    return [undefined, `v1, ${bytes} bytes`];
  });
}

async function check(context: ActContext, id: string, rows: number): Promise<void> {
  await context.narrator.step('validate', async (progress) => {
    const started = await context.mcp.call('validate', { dataset_id: id });
    const { metadata } = await waitForJob(context, started.id, progress);
    const { report } = metadata;
    expectEqual('the report', [report.passed, report.rows, report.rejected], [true, rows, 0]);
    return [undefined, `passed: ${report.rows} rows, ${report.columns} columns, none rejected`];
  });
}

async function ingest(context: ActContext, id: string, rows: number): Promise<void> {
  await context.narrator.step('start_ingest', async (progress) => {
    const since = performance.now();
    const started = await context.mcp.call('start_ingest', { dataset_id: id, target: 'lance' });
    const { counters } = await waitForJob(context, started.id, progress);
    expectEqual('the counters', [counters.inserted, counters.errors], [rows, 0]);
    return [undefined, `${counters.inserted} rows in ${((performance.now() - since) / 1000).toFixed(1)} s`];
  });
}

async function searchByWords({ mcp, narrator }: ActContext, id: string): Promise<void> {
  await narrator.step('search_dataset, words', async () => {
    const query = 'godfather coppola 1972';
    const { items, served_version: version } = await mcp.call('search_dataset', { dataset_id: id, query });
    const { Title, Director, 'Release Date': date } = items[0]?.row ?? {};
    expectEqual(
      `the best row for "${query}"`,
      [version, Title, Director, date],
      ['v1', 'The Godfather', 'Francis Ford Coppola', 'Mar 15 1972'],
    );
    return [undefined, `"${query}" finds ${Title} by ${Director}`];
  });
}

async function searchByFilter({ mcp, narrator }: ActContext, id: string, movies: readonly Movie[]): Promise<void> {
  await narrator.step('search_dataset, filter', async () => {
    const filter = { 'Major Genre': 'Drama', 'IMDB Rating': { gte: 8.5 } };
    const { items } = await mcp.call('search_dataset', { dataset_id: id, query: '', filter, page_size: 200 });
    const found = items.map((item: { row: Movie }) => item.row.Title);
    const expected = movies.filter((movie) => movie['Major Genre'] === 'Drama' && Number(movie['IMDB Rating']) >= 8.5);
    expectEqual('the titles', found.sort(), expected.map((movie) => movie.Title).sort());
    return [undefined, `${found.length} dramas rated 8.5 or better, as in the file`];
  });
}
