import { AppError } from '../../../core/errors.ts';
import type { RunStatus } from '../contract.ts';
import type { Envelope } from '../definition/envelope.ts';
import { compileSchema } from '../definition/input-schema.ts';
import type { Machine } from '../definition/machine.ts';
import { type Evaluator, QueryError } from '../expressions/evaluator.ts';
import { judge } from '../jobs/end.ts';
import { createMemoryJournal } from '../journal/memory.ts';
import type { ErrorOutput, StateRow } from '../journal/row.ts';
import { runMachine } from '../machine/machine.ts';
import { type MachineNeeds, noCounts } from '../machine/needs.ts';
import { virtualTime } from '../machine/virtual-time.ts';
import { createMockCalls } from './mock-calls.ts';
import type { Script } from './script.ts';

const limits = { states: 10_000, bytes: 16 * 2 ** 20, total: 2 ** 28, concurrency: 100 };

/** How a rehearsed run ended. */
export interface Rehearsal {
  readonly status: RunStatus;
  readonly summary: string;
  readonly output?: unknown;
  readonly error?: ErrorOutput;
  readonly states: readonly StateRow[];
  readonly calls: Readonly<Record<string, number>>;
  /** Seconds that it would have waited. */
  readonly seconds: number;
}

/**
 * Runs a definition with the answers of a script for tools and people: without a server, without a database, and without
 * waiting. The same script gives the same run. Throws where the input misses its schema, and NoAnswer.
 */
export async function rehearse(
  { envelope, machine }: { readonly envelope: Envelope; readonly machine: Machine },
  script: Script,
  evaluator: Pick<Evaluator, 'evaluate'>,
): Promise<Rehearsal> {
  const input = script.input ?? {};
  checkInput(envelope, input);
  const startedAt = new Date(script.now);
  const time = virtualTime(startedAt);
  const seed = 'rehearsal';
  const mock = createMockCalls(
    script,
    (result, args) => {
      const clock = time.now().toISOString();
      const bindings = { states: { input: args }, variables: {} };
      return evaluator.evaluate({ expressions: result ?? null, bindings, clock, seed });
    },
    time.now,
  );
  const journal = createMemoryJournal();
  const counts = noCounts();
  const declared = new Set(envelope.idempotent);
  const needs: MachineNeeds = {
    execution: {
      id: 'run_rehearsal',
      workflow: envelope.name,
      version: envelope.version ?? 1,
      startedAt,
      seed,
      redrives: 0,
    },
    evaluate: (request, signal) => evaluator.evaluate(request, signal),
    journal,
    time,
    callTask: mock.callTask,
    isIdempotent: (server, tool) => declared.has(`${server}/${tool}`),
    approvals: mock.approvals,
    doubts: { note: () => undefined, look: async () => undefined },
    // The longest delay that jitter may make.
    random: () => 1 - Number.EPSILON,
    signal: new AbortController().signal,
    // Nothing is kept of it, so nothing of it is hidden from whoever writes the definition.
    sensitive: [],
    public: [],
    limits,
    counts,
  };
  const end = await runMachine(machine, { value: input, secret: false }, needs).end;
  const made = {
    states: journal.rows(),
    calls: Object.fromEntries([...mock.counts].sort(([a], [b]) => (a < b ? -1 : 1))),
    seconds: (time.now().getTime() - startedAt.getTime()) / 1000,
  };
  if (end.how === 'waiting') throw new Error('a run whose time is virtual parked');
  if (end.how !== 'succeeded') return { status: end.how, summary: end.error.Error, error: end.error, ...made };
  const output = end.output.value;
  try {
    const tolerated = countTolerated(made.states);
    const verdict = await judge(
      envelope,
      { input, output, tolerated, states: counts.states },
      (request) => evaluator.evaluate(request),
      { seed },
    );
    return { ...verdict, output, ...made };
  } catch (error) {
    if (!(error instanceof QueryError)) throw error;
    const failure = { Error: 'States.QueryEvaluationError', Cause: `outcome: ${error.message}` };
    return { status: 'failed', summary: failure.Error, error: failure, output, ...made };
  }
}

function checkInput({ input: schema }: Envelope, value: unknown): void {
  const [problem] = schema ? compileSchema(schema)(value) : [];
  if (!problem) return;
  throw new AppError(
    'VALIDATION_FAILED',
    `The input misses the schema of the definition, at ${problem.path || 'its top'}: ${problem.message}`,
    'Correct input in the file of answers.',
  );
}

/** Items that failed in Maps that went on. */
function countTolerated(rows: readonly StateRow[]): number {
  const succeeded = new Set(rows.filter((row) => row.status === 'succeeded').map((row) => row.path));
  return rows.filter((row) => row.type === 'Iteration' && row.status === 'failed' && succeeded.has(row.scope)).length;
}
