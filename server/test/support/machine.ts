import { isObject } from '../../src/capabilities/workflows/definition/json.ts';
import type { Machine, State } from '../../src/capabilities/workflows/definition/machine.ts';
import { type Evaluator, openEvaluator } from '../../src/capabilities/workflows/expressions/evaluator.ts';
import { createMemoryJournal, type JournalEntry } from '../../src/capabilities/workflows/journal/memory.ts';
import { StateFailure } from '../../src/capabilities/workflows/machine/failure.ts';
import { runMachine } from '../../src/capabilities/workflows/machine/machine.ts';
import {
  type ApprovalAnswer,
  type MachineNeeds,
  noCounts,
  type TaskCall,
} from '../../src/capabilities/workflows/machine/needs.ts';
import { virtualTime } from '../../src/capabilities/workflows/machine/virtual-time.ts';

/** What a tool of a test does with a call; it fails by throwing. */
export type TestTool = (args: Record<string, unknown>, call: TaskCall) => unknown;

export interface MachineTry {
  readonly tools?: Readonly<Record<string, TestTool>>;
  /** What another run of the same left in its journal. */
  readonly left?: readonly JournalEntry[];
  readonly idempotent?: readonly string[];
  readonly approvals?: readonly ApprovalAnswer[];
  /** Results of calls that were in doubt, by the path of their states. */
  readonly resolved?: Readonly<Record<string, { readonly result: unknown } | 'repeat'>>;
  /** When the process begins. */
  readonly startAt?: Date;
  readonly needs?: Partial<MachineNeeds>;
}

let evaluator: Evaluator | undefined;

export async function closeEvaluator(): Promise<void> {
  await evaluator?.close();
}

/** Runs a machine with a journal in memory, time that passes by itself, and JSONata as it is. */
export async function tryMachine(states: Omit<Machine, 'QueryLanguage'>, input: unknown, how: MachineTry = {}) {
  evaluator ??= openEvaluator();
  const { evaluate } = evaluator;
  const { tools = {}, left = [], idempotent = [], approvals = [], resolved = {} } = how;
  const journal = createMemoryJournal(left);
  const calls: TaskCall[] = [];
  const doubts: number[] = [];
  const answers = [...approvals];
  const pathOf = (seq: number) => journal.rows().find((row) => row.seq === seq)?.path ?? '';
  const needs: MachineNeeds = {
    execution: {
      id: 'run_1',
      workflow: 'test',
      version: 1,
      startedAt: new Date('2026-01-01T00:00:00Z'),
      seed: 'seed',
      redrives: 0,
    },
    evaluate,
    journal,
    time: virtualTime(how.startAt ?? new Date('2026-01-01T00:00:00Z')),
    async callTask(call) {
      calls.push(call);
      const tool = tools[`${call.server}/${call.tool}`];
      if (!tool) throw new Error(`the test has no ${call.server}/${call.tool}`);
      return tool(isObject(call.args) ? call.args : {}, call);
    },
    isIdempotent: (server, tool) => idempotent.includes(`${server}/${tool}`),
    approvals: {
      open: () => undefined,
      look: async () => answers.shift(),
      expire: async () => undefined,
      withdraw: () => undefined,
    },
    doubts: { note: (seq) => void doubts.push(seq), look: async (seq) => resolved[pathOf(seq)] },
    random: () => 0.5,
    signal: new AbortController().signal,
    sensitive: [],
    public: [],
    limits: { states: 1000, bytes: 100_000, total: 10_000_000, concurrency: 10 },
    counts: noCounts(),
    ...how.needs,
  };
  const running = runMachine(states, { value: input, secret: needs.sensitive === true }, needs);
  return {
    end: await running.end,
    calls,
    doubts,
    rows: journal.rows(),
    log: journal.log,
    ends: journal.ends,
    counts: needs.counts,
    needs,
  };
}

/** A machine of these states, which begins with the first one. */
export const machine = (states: Record<string, State>): Machine => ({
  StartAt: Object.keys(states)[0] ?? '',
  States: states,
});
export const output = async (states: Record<string, State>, input: unknown, how?: MachineTry) => {
  const { end } = await tryMachine(machine(states), input, how);
  return end.how === 'succeeded' ? end.output.value : end;
};
export const failing = (error: string, cause?: string) => () => {
  throw new StateFailure(error, cause, { ofCall: true });
};
export const task = (more: object = {}): State => ({ Type: 'Task', Resource: 'mcp://s/t', End: true, ...more });
