import { parseArgs } from 'node:util';
import type { Act, ActContext } from './act.ts';
import { config } from './acts/config.ts';
import { container } from './acts/container.ts';
import { dataset } from './acts/dataset.ts';
import { email } from './acts/email.ts';
import { orchestra } from './acts/orchestra.ts';
import { versions } from './acts/versions.ts';
import { connectMcp, type McpCaller } from './mcp-client.ts';
import { createNarrator, type Narrator } from './narrator.ts';
import { startServerProcess, type TourProcess } from './server.ts';

const allActs: readonly Act[] = [dataset, versions, container, email, orchestra, config];

const help = (
  acts: readonly Act[],
) => `tutti tour: starts a throw-away server and plays every capability on real input through a real MCP client.

  --act <n>            play only this act, and before it those that it goes on from
  --image <name>       run jobs in this image; by default in a usual one that is there
  --docker-host <url>  the Docker engine, such as unix:///var/run/docker.sock, which is the default
  --keep               keep the data directory
  --verbose            show every call, and the server's log

${acts.map((act, index) => `  Act ${index + 1}: ${act.title}\n`).join('')}`;

const options = {
  act: { type: 'string' },
  image: { type: 'string' },
  'docker-host': { type: 'string' },
  keep: { type: 'boolean', default: false },
  verbose: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

interface Choice {
  /** What is to be played, each under its number. */
  readonly chosen: readonly (readonly [number, Act])[];
  readonly image: string | undefined;
  readonly dockerHost: string | undefined;
  readonly keep: boolean;
  readonly verbose: boolean;
}

/** `tutti tour`: exits with 0 only when every result of every act was what it must be. Answers the exit code. */
export async function tour(args: readonly string[], acts = allActs): Promise<number> {
  const choice = read(args, acts);
  if (typeof choice === 'number') return choice;
  const interrupted = Promise.withResolvers<'interrupted'>();
  const interrupt = () => interrupted.resolve('interrupted');
  for (const signal of signals) process.on(signal, interrupt);
  const since = performance.now();
  const narrator = createNarrator(process.stdout);
  const over = new AbortController();
  const server = await startServerProcess({ ...choice, orchestra: true });
  try {
    const outcome = await Promise.race([play(server, choice, narrator, over.signal), interrupted.promise]);
    narrator.end();
    over.abort();
    const seconds = ((performance.now() - since) / 1000).toFixed(1);
    if (outcome === 'played') process.stdout.write(`\nAll of it worked, in ${seconds} s.\n`);
    if (outcome === 'failed') process.stdout.write(`\nThe tour stopped at the step marked ✗, after ${seconds} s.\n`);
    if (outcome === 'interrupted') process.stderr.write('\nInterrupted: stopping the server.\n');
    return { played: 0, failed: 1, interrupted: 130 }[outcome];
  } finally {
    await server.stop(choice.keep);
    for (const signal of signals) process.off(signal, interrupt);
    if (choice.keep) process.stdout.write(`The data is kept in ${server.dataDir}\n`);
  }
}

/** Plays the acts until all is told or the tour is over. The step that failed has said so itself. */
async function play(
  server: TourProcess,
  { chosen, image, verbose }: Choice,
  narrator: Narrator,
  over: AbortSignal,
): Promise<'played' | 'failed'> {
  try {
    const { mcp, connectAs } = await connect(server, verbose, narrator);
    const open = [mcp];
    // An open connection would keep the server from stopping at once.
    const close = () => Promise.all(open.splice(0).map((one) => one.close()));
    over.addEventListener('abort', () => void close());
    const { outOfOrder, scratch, tutti } = server;
    const context: ActContext = {
      ...{ mcp, narrator, image, outOfOrder, scratch, tutti },
      async connectAs(name, grant) {
        const other = await connectAs(name, grant);
        open.push(other);
        return other;
      },
      async stopServer() {
        await close();
        await server.end();
      },
    };
    for (const [number, act] of chosen) {
      narrator.heading(`Act ${number}: ${act.title}`);
      await act.run(context);
    }
    return 'played';
  } catch {
    return 'failed';
  }
}

/** Connects the administrator, and whoever else takes part. */
async function connect(
  server: TourProcess,
  verbose: boolean,
  narrator: Narrator,
): Promise<{ mcp: McpCaller; connectAs: ActContext['connectAs'] }> {
  const trace = (line: string) => void (verbose && process.stderr.write(`    ${line}\n`));
  narrator.heading('A server of its own');
  const { url, token } = await narrator.step('tutti serve', async () => {
    const since = performance.now();
    const ready = await server.ready();
    return [ready, `ready in ${((performance.now() - since) / 1000).toFixed(1)} s at ${ready.url}`];
  });
  const mcp = await narrator.step<McpCaller>('connect by MCP', async () => {
    const own = await connectMcp(url, token, trace);
    return [own, `protocol ${own.revision}, ${own.toolCount} tools`];
  });
  const connectAs = async (name: string, grant: string) =>
    connectMcp(url, (await server.tutti('token', 'create', name, '--grant', grant)).trim(), trace);
  return { mcp, connectAs };
}

/** What is to be played, or the exit code when nothing is. */
function read(args: readonly string[], acts: readonly Act[]): Choice | number {
  try {
    const { values } = parseArgs({ args: [...args], options });
    if (values.help) {
      process.stdout.write(help(acts));
      return 0;
    }
    const only = values.act === undefined ? undefined : acts[Number(values.act) - 1];
    if (values.act !== undefined && !only) throw new Error(`There is no act ${values.act}.`);
    const wanted = only ? withThoseBefore(only) : acts;
    const chosen = wanted.map((act) => [acts.indexOf(act) + 1, act] as const);
    const { image, 'docker-host': dockerHost, keep, verbose } = values;
    return { chosen, image, dockerHost, keep, verbose };
  } catch (error) {
    process.stderr.write(`${(error as Error).message.split('. ')[0]}\n\n${help(acts)}`);
    return 2;
  }
}

function withThoseBefore(act: Act): Act[] {
  return [...(act.after ? withThoseBefore(act.after) : []), act];
}
