import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, onTestFinished, test } from 'vitest';

const run = (...args: string[]) => {
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (said += String(chunk)));
  return { child, exit: once(child, 'exit').then(([code]) => code as number | null), said: () => said };
};

test('the simulator says how to reach it, answers, and ends when it is told to', async () => {
  const { child, exit, said } = run('examples/orchestra-simulator/main.ts', '--port', '0', '--key', 'another-key');
  await expect.poll(said, { timeout: 30_000 }).toMatch(/ORCHESTRA_API_KEY=another-key/);
  const url = /ORCHESTRA_API_BASE_URL=(\S+)/.exec(said())?.[1] ?? '';
  expect((await fetch(`${url}pipelines`, { headers: { authorization: 'Bearer another-key' } })).status).toBe(200);
  expect((await fetch(`${url}pipelines`)).status).toBe(401);
  child.kill('SIGTERM');
  expect(await exit).toBe(0);
});

test('the comparison with the live description says what it lacks where there is none', async () => {
  const { exit, said } = run('scripts/compare-orchestra-api.ts', 'http://127.0.0.1:1/openapi.json');
  expect(await exit).toBe(2);
  expect(said()).toMatch(/Cannot compare: .* could not be read .* nothing was compared/);
});
