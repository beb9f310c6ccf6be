import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { type Act, type ActContext, expectEqual } from '../act.ts';
import { waitForJob } from '../job.ts';

type Movie = Readonly<Record<string, unknown>>;

const name = 'movies-tour';
const key = 'raw/movies.json';

/** A real public data set, from the first call to a row found again. */
export const dataset: Act = {
  title: 'A dataset from upload to search',
  async run(context) {
    const file = await readFile(new URL('../data/movies.json', import.meta.resolve('vega-datasets')));
    const movies: Movie[] = JSON.parse(file.toString('utf8'));
    await lookAround(context);
    const id = await register(context);
    await upload(context, id, file);
    await commit(context, id, file.length);
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
    const made = await mcp.call('register_dataset', { name, uri: `tutti://${name}`, tags: ['tour'] });
    expectEqual('the state of a new dataset', made.state, 'registered');
    return [made.id, made.id];
  });
}

async function upload({ mcp, narrator }: ActContext, id: string, file: Buffer): Promise<void> {
  const target = await narrator.step('create_presigned_upload', async () => {
    const made = await mcp.call('create_presigned_upload', { dataset_id: id, object_key: key, size: file.length });
    return [made, `for ${key}`];
  });
  await narrator.step('PUT the file', async () => {
    const since = performance.now();
    const answer = await fetch(target.url, {
      method: 'PUT',
      headers: target.headers ?? {},
      body: new Uint8Array(file),
    });
    expectEqual('the status of the upload', answer.status, 200);
    return [undefined, `${(file.length / 1e6).toFixed(2)} MB in ${Math.round(performance.now() - since)} ms`];
  });
  await narrator.step('list_objects', async () => {
    const { items } = await mcp.call('list_objects', { dataset_id: id });
    const found = items.map((item: { key: string; size: number }) => [item.key, item.size]);
    expectEqual('the objects', found, [[key, file.length]]);
    return [undefined, `${items.length} object`];
  });
  await narrator.step('head_object', async () => {
    const { sha256 } = await mcp.call('head_object', { dataset_id: id, object_key: key });
    expectEqual('the SHA-256 of the object', sha256, createHash('sha256').update(file).digest('hex'));
    return [undefined, `sha256 ${sha256.slice(0, 16)}… as our own`];
  });
}

async function commit({ mcp, narrator }: ActContext, id: string, size: number): Promise<void> {
  await narrator.step('commit_dataset_version', async () => {
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
