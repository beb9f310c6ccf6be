import { expect, test } from 'vitest';
import { envelope } from '../../src/core/errors.ts';
import { all, clientOf, newestRun, seedRun, simulated, simulatorKey } from '../support/orchestra.ts';

const simulator = await simulated();
const open = clientOf(simulator);
const codes = new Set(['ORCHESTRA_BAD_ANSWER', 'ORCHESTRA_NOT_FOUND']);

test('answers that are broken in any way are read as far as they go, or refused in our words', async () => {
  const run = newestRun(simulator, 'awkward_files');
  const task = (await all(open().tasksOfRun(run))).find(({ taskId }) => taskId === 'messy')?.id ?? '';
  const asks = [
    () => open().run(seedRun),
    () => all(open().runs({ status: ['FAILED'] })),
    () => all(open().tasksOfRun(run)),
    () => all(open().tasks({ status: ['FAILED'] })),
    () => all(open().operations({ status: 'WARNING' })),
    () => open().pipelines(),
    () => open().pipeline('matrix'),
    () => open().artifacts(run, task),
    () => open().logs(run, task),
    () => open().start('matrix'),
  ];
  const outcomes = new Map<string, number>();
  for (let seed = 1; seed <= 100; seed += 1) {
    simulator.faults.clear();
    simulator.faults.add(`fuzz=${seed}`, 200);
    const ask = asks[seed % asks.length];
    const outcome = await (ask as () => Promise<unknown>)().then(
      (value) => {
        expect(JSON.stringify(value) ?? '').not.toContain(simulatorKey);
        return 'read';
      },
      (error: unknown) => {
        const known = envelope(error).error;
        expect(codes, `seed ${seed}: ${String(error)}`).toContain(known.code);
        expect(JSON.stringify(known)).not.toContain(simulatorKey);
        return known.code;
      },
    );
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
  }
  // Both happen, else nothing was tried.
  expect(outcomes.get('read')).toBeGreaterThan(20);
  expect(outcomes.get('ORCHESTRA_BAD_ANSWER')).toBeGreaterThan(5);
});
