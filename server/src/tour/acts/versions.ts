import { createHash } from 'node:crypto';
import { type Act, type ActContext, expectEqual } from '../act.ts';
import { waitForJob } from '../job.ts';
import { corrected, type Movie, moviesName, readMovies, toBytes } from '../movies.ts';
import { upload } from '../upload.ts';
import { agree, sendBadVersion, showWhy } from './contract.ts';
import { dataset } from './dataset.ts';

const correctedKey = 'raw/2010-on.json';
const spoiledKey = 'raw/1980s.json';

/** What becomes of a dataset that is served: a correction, a bad version, and the way back. */
export const versions: Act = {
  title: 'A new version, a bad one, and back',
  after: dataset,
  async run(context) {
    const objects = await readMovies();
    const [before, suspects] = [objects[correctedKey] ?? [], objects[spoiledKey] ?? []];
    const after = corrected(before);
    const others = Object.entries(objects).filter(([key]) => key !== correctedKey);
    const unchanged = others.length;
    const kept = others.reduce((sum, [, rows]) => sum + rows.length, 0);

    const id = await find(context);
    await upload(context, id, new Map([[correctedKey, toBytes(after)]]));
    await commit(context, id, before, after);
    await compare(context, id, unchanged);
    await ingestDifference(context, id, { removed: before.length, written: after.length, kept, unchanged });
    await search(context, id, 'v2');

    await agree(context, id);
    const validation = await sendBadVersion(context, id, spoiledKey, suspects);
    await showWhy(context, validation, spoiledKey, suspects);
    await search(context, id, 'v2');

    await rollBack(context, id);
    await search(context, id, 'v1');
    await trace(context, id, { v3: toBytes(after), v2: toBytes(after), v1: toBytes(before) });
  },
};

function find({ mcp, narrator }: ActContext): Promise<string> {
  return narrator.step('list_datasets', async () => {
    const { items } = await mcp.call('list_datasets', { filter: { text: moviesName, tags: ['tour'] } });
    const found = items.map((item: { name: string; version: string }) => [item.name, item.version]);
    expectEqual('the dataset of act one', found, [[moviesName, 'v1']]);
    return [items[0].id, `${moviesName} at v1`];
  });
}

async function commit({ mcp, narrator }: ActContext, id: string, before: readonly Movie[], after: readonly Movie[]) {
  await narrator.step('commit_dataset_version', async () => {
    const { version, state } = await mcp.call('commit_dataset_version', { dataset_id: id, version: 'v2' });
    expectEqual('the committed version', [version, state], ['v2', 'staged']);
    const titles = (movies: readonly Movie[]) => new Set(movies.map((movie) => movie.Title));
    const [gone, come] = [titles(before).difference(titles(after)), titles(after).difference(titles(before))];
    const changed = after.filter((movie) => !before.includes(movie)).length - come.size;
    return [undefined, `v2: ${changed} dates a century off corrected, ${gone.size} films out, ${come.size} in`];
  });
}

async function compare({ mcp, narrator }: ActContext, id: string, unchanged: number): Promise<void> {
  await narrator.step('diff_versions', async () => {
    const { items, totals } = await mcp.call('diff_versions', { dataset_id: id, from: 'v1', to: 'v2' });
    const found = items.map((item: { key: string; change: string }) => [item.key, item.change]);
    expectEqual('what differs', found, [[correctedKey, 'changed']]);
    expectEqual('the totals', [totals.changed, totals.unchanged, totals.added, totals.removed], [1, unchanged, 0, 0]);
    return [undefined, `${correctedKey} changed, ${totals.unchanged} objects unchanged`];
  });
}

interface Difference {
  /** Rows of the changed object, as it was and as it is. */
  readonly removed: number;
  readonly written: number;
  /** Rows and objects that stay as they are. */
  readonly kept: number;
  readonly unchanged: number;
}

async function ingestDifference(context: ActContext, id: string, difference: Difference): Promise<void> {
  const { removed, written, kept, unchanged } = difference;
  await context.narrator.step('start_ingest', async (progress) => {
    const started = await context.mcp.call('start_ingest', { dataset_id: id, target: 'lance' });
    const { counters, metadata } = await waitForJob(context, started.id, progress);
    expectEqual('how it was ingested', [metadata.version, metadata.mode], ['v2', 'incremental']);
    const { inserted, deleted, errors } = counters;
    expectEqual('the rows of the changed object alone', [inserted, deleted, errors], [written, removed, 0]);
    expectEqual('the rows that are served', metadata.rows, kept + written);
    return [undefined, `${inserted} rows in, ${deleted} out; ${kept} in ${unchanged} objects left alone`];
  });
}

/** Which version answers shows in the date of one film, which version 1 has a century too late, and in another it lacks. */
async function search({ mcp, narrator }: ActContext, id: string, version: 'v1' | 'v2'): Promise<void> {
  await narrator.step('search_dataset', async () => {
    const ask = (query: string, filter = {}) => mcp.call('search_dataset', { dataset_id: id, query, filter });
    const { items, served_version: served } = await ask('gone with the wind');
    const { Title, 'Release Date': released } = items[0]?.row ?? {};
    const date = { v1: 'Dec 15 2039', v2: 'Dec 15 1939' }[version];
    expectEqual('the best row', [served, Title, released], [version, 'Gone with the Wind', date]);
    const added = await ask('', { Title: 'The Social Network' });
    expectEqual('how often the added film is there', added.items.length, { v1: 0, v2: 1 }[version]);
    const absurd = await ask('', { 'IMDB Rating': { gt: 10 } });
    expectEqual('the ratings above 10', absurd.items, []);
    return [undefined, `${served} answers: ${Title}, ${released}`];
  });
}

async function rollBack({ mcp, narrator }: ActContext, id: string): Promise<void> {
  await narrator.step('rollback_dataset', async () => {
    const answer = await mcp.call('rollback_dataset', { dataset_id: id, version: 'v1' });
    const { version, previous_version: from, served, jobs } = answer;
    expectEqual('the rollback', [version, from, served, jobs], ['v1', 'v3', ['lance'], []]);
    return [undefined, 'v1 is current and served at once, without a job'];
  });
}

/** From the corrected object to its versions, their jobs and indexes, and back from the served index to the object. */
async function trace({ mcp, narrator }: ActContext, id: string, bytes: Readonly<Record<string, Buffer>>) {
  await narrator.step('get_lineage', async () => {
    const { items } = await mcp.call('get_lineage', { dataset_id: id, object_key: correctedKey });
    expectEqual(
      'object → version → jobs → index',
      items.map(summary),
      [
        ['v3', ['lake.validate'], []],
        ['v2', ['lake.ingest', 'lake.profile', 'lake.validate'], ['lance retired']],
        ['v1', ['lake.ingest', 'lake.validate'], ['lance served']],
      ].map(([version, ...rest]) => [version, sha256(bytes[String(version)]), ...rest]),
    );
    const index = items[2].indexes[0].id;
    const back = await mcp.call('get_lineage', { dataset_id: id, index });
    const pinned = back.objects.find((object: { key: string }) => object.key === correctedKey);
    expectEqual('index → version → object', [back.items[0].version, pinned?.sha256], ['v1', sha256(bytes.v1)]);
    const jobs = items.flatMap((item: { jobs: unknown[] }) => item.jobs);
    return [undefined, `${correctedKey} → ${items.length} versions → ${jobs.length} jobs → 2 indexes`];
  });
}

interface Traced {
  readonly version: string;
  readonly object?: { readonly sha256: string };
  readonly jobs: readonly { readonly kind: string }[];
  readonly indexes: readonly { readonly target: string; readonly state: string }[];
}

function summary({ version, object, jobs, indexes }: Traced) {
  const kinds = jobs.map((job) => job.kind).sort();
  return [version, object?.sha256, kinds, indexes.map(({ target, state }) => `${target} ${state}`)];
}

function sha256(bytes: Buffer | undefined): string | undefined {
  return bytes && createHash('sha256').update(bytes).digest('hex');
}
