// One process with the job engine and the handlers of the recovery tests; it enqueues what its parent asks for.
import { appendFileSync, existsSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'kysely';
import { z } from 'zod';
import { createCatalogue } from '../../src/core/catalogue.ts';
import { inTransaction, openDatabase } from '../../src/core/db/database.ts';
import { AppError } from '../../src/core/errors.ts';
import { createInvoke } from '../../src/core/invoke.ts';
import { createJobs, type EnqueueRequest } from '../../src/core/jobs/engine.ts';
import type { JobContext, JobHandler, Schedule } from '../../src/core/jobs/handler.ts';
import type { JobQueue } from '../../src/core/jobs/queues.ts';
import { createLog } from '../../src/core/log.ts';
import { type Effect, tool } from '../../src/core/tool.ts';

export interface EngineProcessSettings {
  readonly databaseUrl: string;
  /** Handlers write down there what they did, and wait for files to appear. */
  readonly directory: string;
  readonly deadAfterMs: number;
  /** Jobs at once, by default 4. */
  readonly concurrency?: number;
  /** Which versions of the handler `test.upgrade` this release has. */
  readonly upgradeVersions?: readonly number[];
  readonly schedules?: readonly Schedule[];
  /** Queues that it takes from besides the shared one. */
  readonly queues?: readonly JobQueue[];
}

export interface EnqueueOptions {
  readonly rollBack?: boolean;
  /** Leaves the job as an earlier release would have written it. */
  readonly forgetAuthority?: boolean;
}

export type ToEngineProcess =
  | ({ readonly ask: 'enqueue'; readonly request: EnqueueRequest } & EnqueueOptions)
  | { readonly ask: 'hurry'; readonly queue: string }
  | { readonly ask: 'resize'; readonly queue: string; readonly concurrency: number }
  | { readonly ask: 'rewind'; readonly jobId: string; readonly step: number }
  | { readonly ask: 'stop' };

const settings = JSON.parse(process.argv[2] ?? '{}') as EngineProcessSettings;
const log = createLog(process.env.ENGINE_LOG ?? 'silent');
const { db, connection, close } = openDatabase({ connectionString: settings.databaseUrl }, log);
const jobs = createJobs({
  connection,
  db,
  log,
  concurrency: settings.concurrency ?? 4,
  deadAfterMs: settings.deadAfterMs,
  drainMs: 500,
  onEnded: (kind, state) => trace(`ended ${kind} ${state}`),
});

const trace = (line: string) => appendFileSync(path.join(settings.directory, 'trace'), `${line}\n`);
const waitForFile = async (name: string, signal?: AbortSignal) => {
  while (!existsSync(path.join(settings.directory, name))) {
    if (signal?.aborted) throw signal.reason;
    await sleep(10);
  }
};

async function fiveSteps(context: JobContext, release: string): Promise<undefined> {
  for (let step = 1; step <= 5; step += 1) {
    await context.step(`step ${step}`, async () => {
      trace(`${step} begin ${process.pid}`);
      if (step === 3) await waitForFile('go');
      trace(`${step} end ${process.pid} ${release}`);
    });
    context.progress(step / 5, { steps: step });
  }
}

/** Tools that the handler `test.act` calls, one after the other. */
const acts = (['read', 'write', 'destroy'] as const).map((effect: Effect) =>
  tool({
    name: `act_${effect}`,
    title: effect,
    description: 'Tutti test.',
    toolset: 'lake',
    effect,
    scope: `lake:${effect}`,
    input: {},
    output: z.looseObject({}),
    async run(_input, { principal }) {
      trace(`${effect} as ${principal.admin ? 'administrator' : principal.name}`);
      return {};
    },
  }),
);
const invoke = createInvoke({ catalogue: createCatalogue(acts), db, log, strictOutputs: true });

const upgrade = (version: number): JobHandler => ({
  kind: 'test.upgrade',
  version,
  run: (context) => fiveSteps(context, `v${version}`),
});

const handlers: JobHandler[] = [
  { kind: 'test.five', version: 1, run: (context) => fiveSteps(context, '') },
  {
    kind: 'test.call',
    version: 1,
    async run(context, input) {
      const answer = await context.call('charge', { idempotent: input.idempotent === true }, async () => {
        trace(`sent ${process.pid}`);
        await waitForFile('answer');
        return 'charged';
      });
      const after = await context.step('after', async () => {
        trace(`after ${answer}`);
        return String(answer);
      });
      return { answer: after };
    },
  },
  {
    kind: 'test.retry',
    version: 1,
    async run(context, input) {
      let tries = 0;
      await context.step(
        'flaky',
        async () => {
          tries += 1;
          trace(`try ${tries}`);
          if (tries <= Number(input.failures)) throw new AppError('UPSTREAM_FAILED', 'not yet', 'try again');
        },
        { retries: 3, backoffMs: 10 },
      );
      return { tries };
    },
  },
  {
    kind: 'test.hang',
    version: 1,
    async run(context, input) {
      await context.step('hang', async () => {
        trace('hanging');
        if (input.deaf === true) await waitForFile('go');
        else await waitForFile('never', context.signal);
      });
      return undefined;
    },
  },
  {
    kind: 'test.transaction',
    version: 1,
    async run(context, input) {
      await context.step('wait', async () => {
        trace(`waiting ${process.pid}`);
        await waitForFile(String(input.until ?? 'go'));
      });
      await context.transaction('mark', async () => trace(`marked ${process.pid}`));
      return undefined;
    },
  },
  {
    kind: 'test.chain',
    version: 1,
    async run(context) {
      for (let step = 1; step <= 5; step += 1) {
        await context.step(`link ${step}`, async () => {
          await sleep(Math.random() * 100);
          trace(`${context.job.id} ${step}`);
        });
      }
      return undefined;
    },
  },
  {
    kind: 'test.act',
    version: 1,
    async run(context) {
      for (const { name } of acts) {
        await context.step(name, async () => {
          await waitForFile(`${context.job.id} ${name}`);
          await invoke(name, {}, { principal: await context.principal() });
        });
      }
      return undefined;
    },
  },
  {
    kind: 'test.wrap',
    version: 1,
    async run(context, input) {
      const how = await context[input.how === 'resumable' ? 'resumable' : 'wrapUp']('wrap', async () => {
        context.progress(0.5, { wraps: 1 });
        trace(`wrapping ${process.pid}`);
        while (!context.signal.aborted && !existsSync(path.join(settings.directory, 'wrap'))) await sleep(10);
        trace(`wrapped ${process.pid}`);
        return context.signal.aborted ? 'stopped' : 'done';
      });
      trace(`ended ${how} ${process.pid}`);
      if (how === 'stopped') throw context.signal.reason;
      return undefined;
    },
  },
  {
    kind: 'test.park',
    version: 1,
    async run(context, input) {
      const file = (name: string) => existsSync(path.join(settings.directory, `${context.job.id} ${name}`));
      const told = Promise.withResolvers<void>();
      if (input.listens === true) context.onWake(told.resolve);
      const how = await context.wrapUp('wait', async () => {
        trace(`${context.job.id} begin ${process.pid}`);
        if (context.signal.aborted) return 'left';
        if (input.listens === true) await told.promise;
        if (input.listens === true || file('open')) return 'open';
        if (input.holds === true) await waitForFile(`${context.job.id} park`);
        return context.park(new Date(Date.now() + Number(input.ms)));
      });
      trace(`${context.job.id} ${how}`);
      if (how === 'left') throw context.signal.reason;
      context.atEnd(async (tx) => {
        await sql`update jobs set dataset_id = 'ended' where id = ${context.job.id}`.execute(tx);
      });
      return { how };
    },
  },
  { kind: 'test.noop', version: 1, run: async () => ({ done: true }) },
  ...(settings.upgradeVersions ?? [1]).map(upgrade),
];

await jobs.start(handlers, settings.schedules ?? [], settings.queues ?? []);

process.on('message', (message: ToEngineProcess & { n: number }) => void answerParent(message));

async function answerParent(message: ToEngineProcess & { n: number }): Promise<void> {
  const answer = async () => {
    if (message.ask === 'stop') {
      await jobs.stop();
      await close();
      return 'stopped';
    }
    if (message.ask === 'hurry') return jobs.hurry(message.queue);
    if (message.ask === 'resize') return jobs.resize(message.queue, message.concurrency);
    if (message.ask === 'rewind') return jobs.rewind(message.jobId, message.step);
    return inTransaction(db, async (tx) => {
      const { id } = await jobs.enqueue(tx, message.request);
      if (message.forgetAuthority) await sql`update jobs set authority = null where id = ${id}`.execute(tx);
      if (message.rollBack) throw new Error('rolled back');
      return id;
    });
  };
  try {
    process.send?.({ n: message.n, value: await answer() });
  } catch (error) {
    process.send?.({ n: message.n, error: String(error) });
  }
  if (message.ask === 'stop') process.disconnect();
}
process.on('disconnect', () => process.exit());
process.send?.({ ready: true });
