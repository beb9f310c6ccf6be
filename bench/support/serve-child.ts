import type { FromChild } from './child.ts';

/** What a benchmark process offers once it runs. */
export interface Served {
  /** Told to the parent with the news that it is ready. */
  readonly info: unknown;
  readonly commands?: Readonly<Record<string, (argument: never) => Promise<unknown>>>;
}

/** Has something run when the process ends, the newest first; also when its start fails halfway. */
export type Undo = (step: () => unknown) => void;

const send = (message: FromChild) => void (process.connected && process.send?.(message));

/** Tells the parent something unasked. */
export function tell(event: string, value: unknown = null): void {
  send({ event, value });
}

/** The child's side of `startChild`: starts, answers commands, and stops when the parent lets go or is gone. */
export async function serveChild<Argument>(start: (argument: Argument, undo: Undo) => Promise<Served>): Promise<void> {
  // Interrupts at the terminal reach the parent too, which then ends its children in order.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => undefined);
  const gone = new Promise<void>((resolve) => process.once('disconnect', resolve));
  const steps: (() => unknown)[] = [];
  let code = 0;
  try {
    const served = await start(JSON.parse(process.argv[2] ?? 'null') as Argument, (step) => void steps.push(step));
    process.on('message', ({ id, command, argument }: { id: number; command: string; argument: never }) => {
      answer(served, command, argument).then(
        (result) => send({ id, result }),
        (error: unknown) => send({ id, error: describe(error) }),
      );
    });
    send({ ready: served.info });
    await gone;
  } catch (error) {
    process.stderr.write(`${describe(error)}\n`);
    code = 1;
  }
  for (const step of steps.reverse()) {
    await Promise.resolve()
      .then(step)
      .catch((error: unknown) => process.stderr.write(`${describe(error)}\n`));
  }
  process.exit(code);
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

async function answer(served: Served, command: string, argument: never): Promise<unknown> {
  if (command === 'cpu') {
    const { user, system } = process.cpuUsage();
    return user + system;
  }
  const found = served.commands?.[command];
  if (!found) throw new Error(`no command ${command}`);
  return found(argument);
}
