import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { deadlineIn } from './deadline.ts';
import { createGate } from './gate.ts';

const longEnough = () => deadlineIn(30_000);

test('as many run as fit, and the others follow in their order, also after a failure', async () => {
  const gate = createGate(2);
  const begun: number[] = [];
  const goOn: (() => void)[] = [];
  const works = [0, 1, 2, 3].map((at) =>
    gate.run('x', longEnough(), async () => {
      begun.push(at);
      await new Promise<void>((resolve) => goOn.push(resolve));
      if (at === 0) throw new Error('failed');
      return at;
    }),
  );
  await expect.poll(() => begun).toEqual([0, 1]);
  goOn[0]?.();
  await expect(works[0]).rejects.toThrow('failed');
  await expect.poll(() => begun).toEqual([0, 1, 2]);
  goOn[1]?.();
  goOn[2]?.();
  await expect.poll(() => begun).toEqual([0, 1, 2, 3]);
  goOn[3]?.();
  expect(await Promise.all(works.slice(1))).toEqual([1, 2, 3]);
});

test('whoever gives up in the queue leaves it, and its place is not lost', async () => {
  const gate = createGate(1);
  const controller = new AbortController();
  let end: () => void = () => undefined;
  const first = gate.run('x', longEnough(), () => new Promise<void>((resolve) => (end = resolve)));
  const second = gate.run('x', deadlineIn(30_000, controller.signal), async () => 'never');
  const third = gate.run('x', longEnough(), async () => 'third');
  const reason = new Error('enough');
  controller.abort(reason);
  await expect(second).rejects.toBe(reason);
  end();
  await first;
  expect(await third).toBe('third');
});

test('a closed gate lets nobody pass until it opens; beyond a deadline it says so at once', async () => {
  const gate = createGate(4);
  gate.close(60_000);
  await expect(gate.run('x', deadlineIn(1000), async () => 1)).rejects.toMatchObject({
    code: 'ORCHESTRA_RATE_LIMITED',
    details: { retry_after_seconds: 60 },
  });
  const opening = createGate(4);
  opening.close(50);
  expect(await opening.run('x', longEnough(), async () => 1)).toBe(1);
});

test('whoever gives up before a closed gate leaves at once', async () => {
  const gate = createGate(1);
  gate.close(20_000);
  const controller = new AbortController();
  const reason = new Error('enough');
  const waiting = gate.run('x', deadlineIn(30_000, controller.signal), async () => 'never');
  setTimeout(() => controller.abort(reason), 10);
  await expect(Promise.race([waiting, sleep(15_000, 'still waiting')])).rejects.toBe(reason);
});
