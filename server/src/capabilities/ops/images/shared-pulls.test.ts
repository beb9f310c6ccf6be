import { setImmediate as tick } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import type { ImageFacts, PullProgress } from '../docker/images.ts';
import { createSharedPulls } from './shared-pulls.ts';

const facts = { id: 'sha256:1' } as ImageFacts;

/** A pull that ends when it is told, or when it is to be left. */
function pullOf() {
  const begun: { finish(): void; fail(): void; tell(progress: PullProgress): void; signal: AbortSignal }[] = [];
  const start: Parameters<ReturnType<typeof createSharedPulls>>[2] = ({ onProgress, signal }) =>
    new Promise((resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason));
      begun.push({ finish: () => resolve(facts), fail: () => reject(new Error('no')), tell: onProgress, signal });
    });
  return { begun, start };
}

describe('pulls of the same image at the same time', () => {
  test('are one, whose progress and end all hear', async () => {
    const share = createSharedPulls();
    const { begun, start } = pullOf();
    const heard: string[] = [];
    const signal = new AbortController().signal;
    const wait = (name: string) => share('a', { signal, onProgress: () => heard.push(name) }, start);
    const both = Promise.all([wait('one'), wait('two')]);
    const elsewhere = share('b', { signal }, start);
    expect(begun).toHaveLength(2);
    begun[0]?.tell({ done_bytes: 1, total_bytes: 2 });
    expect(heard).toEqual(['one', 'two']);
    for (const one of begun) one.finish();
    expect(await both).toEqual([facts, facts]);
    expect(await elsewhere).toBe(facts);
    const later = share('a', { signal }, start);
    expect(begun).toHaveLength(3);
    begun[2]?.fail();
    await expect(later).rejects.toThrow('no');
  });

  test('go on for who still waits, and end with the last one; who comes then begins anew', async () => {
    const share = createSharedPulls();
    const { begun, start } = pullOf();
    const [one, two] = [new AbortController(), new AbortController()];
    const first = share('a', { signal: one.signal }, start);
    const second = share('a', { signal: two.signal }, start);
    one.abort(new Error('left'));
    await expect(first).rejects.toThrow('left');
    expect(begun[0]?.signal.aborted).toBe(false);
    two.abort(new Error('left too'));
    await expect(second).rejects.toThrow('left too');
    expect(begun[0]?.signal.aborted).toBe(true);
    const third = share('a', { signal: new AbortController().signal }, start);
    await tick();
    expect(begun).toHaveLength(2);
    begun[1]?.finish();
    expect(await third).toBe(facts);
    await expect(share('a', { signal: one.signal }, start)).rejects.toThrow('left');
  });
});
