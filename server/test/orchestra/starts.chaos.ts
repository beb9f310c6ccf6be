import { rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Simulator } from '../../../examples/orchestra-simulator/server.ts';
import { simulated, simulatorKey } from '../support/orchestra.ts';
import { type ServeProcess, serveProcess } from '../support/serve-process.ts';
import { makeTempDir } from '../support/temp-dir.ts';

const rounds = Number(process.env.CHAOS_ROUNDS ?? 4);
const seed = Number(process.env.CHAOS_SEED ?? Math.floor(Math.random() * 2 ** 31));
const dataDir = makeTempDir('starts');
let simulator: Simulator;
let server: ServeProcess;
const start = () =>
  serveProcess(dataDir, ['--egress-allow', '127.0.0.1'], {
    env: { ORCHESTRA_API_KEY: simulatorKey, ORCHESTRA_API_BASE_URL: simulator.url },
  });
beforeAll(async () => {
  simulator = await simulated();
  server = await start();
});
afterAll(async () => {
  await server.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

/** Each round is told by the branch that its start names. */
const sent = (branch: string) =>
  simulator.seen.filter(({ method, body }) => method === 'POST' && (body as { branch?: string }).branch === branch);
const made = (branch: string) => simulator.state.runs().filter((run) => run.started.branch === branch);
const inputOf = (branch: string) => ({ pipeline_id: 'orders_report', branch, idempotency_key: branch });

async function killedAnd(branch: string, when: () => Promise<unknown>): Promise<Record<string, unknown>> {
  const lost = server.call('trigger_pipeline', inputOf(branch)).catch(() => undefined);
  await when();
  await server.kill();
  await lost;
  simulator.faults.clear();
  server = await start();
  const { status, body } = await server.call('trigger_pipeline', inputOf(branch));
  expect({ status, error: body.error }).toEqual({ status: 200, error: undefined });
  return body;
}

test('a server that is killed between sending a start and its answer never sends it again', async () => {
  simulator.faults.add('slow=20000', 1, 'POST');
  const answer = await killedAnd('in between', async () => {
    while (sent('in between').length === 0) await sleep(5);
  });
  const [run] = made('in between');
  const candidates = answer.candidates as { pipeline_run_id: string }[];
  expect(answer).toMatchObject({ outcome: 'uncertain', why: 'IN_DOUBT' });
  expect(candidates.map(({ pipeline_run_id }) => pipeline_run_id)).toContain(run?.id);
  const input = { start_id: answer.start_id, outcome: 'started', pipeline_run_id: run?.id };
  expect(await server.call('resolve_orchestra_start', input)).toMatchObject({ status: 200 });
  const again = await server.call('trigger_pipeline', inputOf('in between'));
  expect(again.body).toMatchObject({ outcome: 'started', pipeline_run_id: run?.id });
  expect(sent('in between')).toHaveLength(1);
});

test(`killed at any moment, a key starts one run at most, and says which (seed ${seed})`, async () => {
  let random = seed;
  for (let round = 0; round < rounds; round += 1) {
    random = (random * 48_271 + 11) % (2 ** 31 - 1);
    const branch = `round ${round}`;
    simulator.faults.add('slow=30', 1, 'POST');
    const answer = await killedAnd(branch, () => sleep(random % 80));
    expect({ branch, sent: sent(branch).length, made: made(branch).length }).toEqual({ branch, sent: 1, made: 1 });
    if (answer.outcome === 'started') expect(answer.pipeline_run_id).toBe(made(branch)[0]?.id);
    else expect(JSON.stringify(answer.candidates)).toContain(made(branch)[0]?.id);
  }
});
