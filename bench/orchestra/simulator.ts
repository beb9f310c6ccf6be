import { startSimulator } from '../../examples/orchestra-simulator/server.ts';
import { type Served, serveChild, type Undo } from '../support/serve-child.ts';

/** What was asked of the simulator since it was last looked at. */
export interface Asked {
  readonly requests: number;
  /** How many of them had to wait for each other. */
  readonly deep: number;
}

export interface SimulatorInfo {
  readonly url: string;
  readonly key: string;
  /** Newest runs by the alias of their pipeline. */
  readonly runs: Readonly<Record<string, string>>;
}

await serveChild(start);

/** The simulated Orchestra, in a process of its own, so that what it does costs the server nothing. */
async function start({ delayMs }: { readonly delayMs: number }, undo: Undo): Promise<Served> {
  const key = 'bench-key';
  const simulator = await startSimulator({ key, delayMs });
  undo(simulator.close);
  const runs: Record<string, string> = {};
  for (const { id, pipeline } of simulator.state.runs()) runs[pipeline.alias] ??= id;
  const info: SimulatorInfo = { url: simulator.url, key, runs };
  return {
    info,
    commands: {
      async take(): Promise<Asked> {
        const rounds = (simulator.seen as unknown as { round: number }[]).splice(0).map(({ round }) => round);
        return {
          requests: rounds.length,
          deep: rounds.length === 0 ? 0 : Math.max(...rounds) - Math.min(...rounds) + 1,
        };
      },
    },
  };
}
