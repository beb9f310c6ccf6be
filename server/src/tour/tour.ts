import { parseArgs } from 'node:util';
import type { Act } from './act.ts';
import { dataset } from './acts/dataset.ts';
import { connectMcp, type McpCaller } from './mcp-client.ts';
import { createNarrator, type Narrator } from './narrator.ts';
import { startServerProcess, type TourProcess } from './server.ts';

const acts: readonly Act[] = [dataset];

const help = `tutti tour: starts a throw-away server and plays every capability on real input through a real MCP client.

  --act <n>   play only this act
  --keep      keep the data directory
  --verbose   show every call, and the server's log

${acts.map((act, index) => `  Act ${index + 1}: ${act.title}\n`).join('')}`;

const options = {
  act: { type: 'string' },
  keep: { type: 'boolean', default: false },
  verbose: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

interface Choice {
  readonly chosen: readonly Act[];
  readonly keep: boolean;
  readonly verbose: boolean;
}

/** `tutti tour`: exits with 0 only when every result of every act was what it must be. Answers the exit code. */
export async function tour(args: readonly string[]): Promise<number> {
  const choice = read(args);
  if (typeof choice === 'number') return choice;
  const interrupted = interruption();
  const since = performance.now();
  const narrator = createNarrator(process.stdout);
  const over = new AbortController();
  const server = await startServerProcess(choice.verbose);
  try {
    const outcome = await Promise.race([play(server, choice, narrator, over.signal), interrupted]);
    narrator.end();
    over.abort();
    const seconds = ((performance.now() - since) / 1000).toFixed(1);
    if (outcome === 'played') process.stdout.write(`\nAll of it worked, in ${seconds} s.\n`);
    if (outcome === 'failed') process.stdout.write(`\nThe tour stopped at the step marked ✗, after ${seconds} s.\n`);
    if (outcome === 'interrupted') process.stderr.write('\nInterrupted: stopping the server.\n');
    return { played: 0, failed: 1, interrupted: 130 }[outcome];
  } finally {
    await server.stop(choice.keep);
    if (choice.keep) process.stdout.write(`The data is kept in ${server.dataDir}\n`);
  }
}

/** Plays the acts until all is told or the tour is over. The step that failed has said so itself. */
async function play(
  server: TourProcess,
  { chosen, verbose }: Choice,
  narrator: Narrator,
  over: AbortSignal,
): Promise<'played' | 'failed'> {
  try {
    const mcp = await connect(server, verbose, narrator);
    // An open connection would keep the server from stopping at once.
    over.addEventListener('abort', () => void mcp.close());
    for (const act of chosen) {
      narrator.heading(`Act ${acts.indexOf(act) + 1}: ${act.title}`);
      await act.run({ mcp, narrator });
    }
    return 'played';
  } catch {
    return 'failed';
  }
}

async function connect(server: TourProcess, verbose: boolean, narrator: Narrator): Promise<McpCaller> {
  const trace = (line: string) => void (verbose && process.stderr.write(`    ${line}\n`));
  narrator.heading('A server of its own');
  const { url, token } = await narrator.step('tutti serve', async () => {
    const since = performance.now();
    const ready = await server.ready();
    return [ready, `ready in ${((performance.now() - since) / 1000).toFixed(1)} s at ${ready.url}`];
  });
  return narrator.step('connect by MCP', async () => {
    const mcp = await connectMcp(url, token, trace);
    return [mcp, `protocol ${mcp.revision}, ${mcp.toolCount} tools`];
  });
}

function interruption(): Promise<'interrupted'> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => resolve('interrupted'));
  });
}

/** What is to be played, or the exit code when nothing is. */
function read(args: readonly string[]): Choice | number {
  try {
    const { values } = parseArgs({ args: [...args], options });
    if (values.help) {
      process.stdout.write(help);
      return 0;
    }
    const act = values.act === undefined ? undefined : acts[Number(values.act) - 1];
    if (values.act !== undefined && !act) throw new Error(`There is no act ${values.act}.`);
    return { chosen: act ? [act] : acts, keep: values.keep, verbose: values.verbose };
  } catch (error) {
    process.stderr.write(`${(error as Error).message.split('. ')[0]}\n\n${help}`);
    return 2;
  }
}
