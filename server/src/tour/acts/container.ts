import { createHash } from 'node:crypto';
import { type Act, type ActContext, expectEqual } from '../act.ts';
import { type Movie, moviesName, readMovies } from '../movies.ts';
import { waitForRun } from '../run.ts';
import { dataset } from './dataset.ts';

/** Images that are often there and have a shell and sed, sort and uniq. */
const usualImages = ['busybox', 'alpine', 'debian', 'ubuntu', 'python', 'node', 'postgres', 'nginx'];

const countGenres = `cat in/*.json | sed -n 's/.*"Major Genre":"\\([^"]*\\)".*/\\1/p' | sort | uniq -c > genres.txt`;

/** A job computes over the dataset of act one, walled in; its artifact is read back. Without an engine the act says so. */
export const container: Act = {
  title: 'A job in a container over the dataset',
  after: dataset,
  async run(context) {
    if (!(await findEngine(context))) return;
    const objects = await readMovies();
    const id = await find(context);
    const job = await compute(context, id, Object.keys(objects));
    if (job === undefined) return;
    await readLogs(context, job);
    await readArtifact(context, job, genresOf(Object.values(objects).flat()));
  },
};

function findEngine({ mcp, narrator }: ActContext): Promise<boolean> {
  return narrator.step('orcaops_system_info', async () => {
    const { answer, error } = await mcp.attempt('orcaops_system_info', {});
    if (error) {
      expectEqual('why there is no engine', error.code, 'DOCKER_UNAVAILABLE');
      return [false, `no Docker engine, so nothing to play here. ${error.suggestion} Is one elsewhere: --docker-host.`];
    }
    const { version, cpus } = answer.docker;
    return [true, `Docker ${version} with ${cpus} processors`];
  });
}

function find({ mcp, narrator }: ActContext): Promise<string> {
  return narrator.step('list_datasets', async () => {
    const { items } = await mcp.call('list_datasets', { filter: { text: moviesName, tags: ['tour'] } });
    expectEqual(
      'the dataset of act one',
      items.map((item: { name: string }) => item.name),
      [moviesName],
    );
    return [items[0].id, `${moviesName}, of which the job gets version v1`];
  });
}

/** Runs the job in the first image that is there. */
function compute(context: ActContext, id: string, keys: readonly string[]): Promise<string | undefined> {
  const { image, narrator } = context;
  const images = image === undefined ? usualImages : [image];
  return narrator.step('orcaops_run_job', async (progress) => {
    for (const [at, name] of images.entries()) {
      progress(at / images.length, name);
      const since = performance.now();
      const run = await runIn(context, name, id, keys);
      if (run === undefined) continue;
      expectEqual('how the job ended', [run.status, run.error?.message], ['success', undefined]);
      const user = Number(run.steps[0].stdout);
      expectEqual('that it ran as a user without rights', user >= 10_000, true);
      const ms = Math.round(performance.now() - since);
      return [run.job_id, `${keys.length} objects into ${name}, as user ${user} without network, ${ms} ms`];
    }
    if (image !== undefined) throw new Error(`the image\nexpected ${image} on the engine\ngot      none`);
    return [undefined, `none of ${images.join(', ')} is on the engine: docker pull busybox, or name one with --image`];
  });
}

/** Undefined when the image is not there, or is one that jobs may not use. */
async function runIn(context: ActContext, image: string, id: string, keys: readonly string[]) {
  const { answer, error } = await context.mcp.attempt('orcaops_run_job', {
    image,
    commands: ['id -u', countGenres, 'wc -l < genres.txt'],
    input_files: keys.map((key) => ({
      path: `in/${key.replaceAll('/', '-')}`,
      dataset_id: id,
      object_key: key,
      version: 'v1',
    })),
    artifacts: ['genres.txt'],
    intent: 'Count the films of each genre',
    wait_s: 20,
  });
  const run = answer && (await waitForRun(context, answer));
  const { code } = error ?? run?.error ?? {};
  if (code === 'IMAGE_NOT_FOUND' || code === 'IMAGE_NOT_ALLOWED') return undefined;
  if (error) throw new Error(`the job\nexpected it to be taken\ngot      ${error.code}: ${error.message}`);
  return run;
}

async function readLogs({ mcp, narrator }: ActContext, job: string): Promise<void> {
  await narrator.step('orcaops_get_job_logs', async () => {
    const { steps } = await mcp.call('orcaops_get_job_logs', { job_id: job });
    const codes = steps.map((step: { exit_code: number }) => step.exit_code);
    expectEqual('the exit codes', codes, [0, 0, 0]);
    return [undefined, `${steps.length} commands, the last one says ${Number(steps[2].stdout)}`];
  });
}

async function readArtifact({ mcp, narrator }: ActContext, job: string, genres: ReadonlyMap<string, number>) {
  await narrator.step('orcaops_get_artifact', async () => {
    const read = await mcp.call('orcaops_get_artifact', { job_id: job, filename: 'genres.txt' });
    const hash = createHash('sha256').update(read.content).digest('hex');
    expectEqual('the SHA-256 of genres.txt', hash, read.sha256);
    const lines: string[] = read.content.trim().split('\n');
    const found = lines.map((line) => /^\s*(\d+) (.*)$/.exec(line)).map((match) => [match?.[2], Number(match?.[1])]);
    expectEqual('the films of each genre', Object.fromEntries(found), Object.fromEntries([...genres].sort()));
    const [most, count] = [...genres].sort(([, one], [, other]) => other - one)[0] ?? [];
    return [undefined, `${lines.length} genres, most of all ${most} (${count}), as in the file`];
  });
}

function genresOf(movies: readonly Movie[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { 'Major Genre': genre } of movies) {
    if (typeof genre === 'string') counts.set(genre, (counts.get(genre) ?? 0) + 1);
  }
  return counts;
}
