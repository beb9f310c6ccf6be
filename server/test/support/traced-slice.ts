import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { createEgress } from '../../src/core/egress.ts';
import { AppError } from '../../src/core/errors.ts';
import { jobSchema } from '../../src/core/jobs/job.ts';
import { toJob } from '../../src/core/jobs/store.ts';
import { tool } from '../../src/core/tool.ts';
import type { ExtendSlices } from '../../src/parts.ts';

/** A tool that starts a job of three steps, whose last one calls out: `test_trace`. */
export const tracedSlice: ExtendSlices = ({ jobs }) => [
  {
    name: 'ops',
    tools: [
      tool({
        name: 'test_trace',
        title: 'Start a traced job',
        description: 'Tutti ops: starts a job of the tests.',
        toolset: 'ops',
        effect: 'write',
        scope: 'ops:write',
        input: {
          url: z.string().describe('What it calls.'),
          wait_for: z.string().optional().describe('A file that its second step waits for.'),
          note: z.string().optional().describe('Text that must not leave.'),
        },
        output: jobSchema,
        run: async (input, { db, authority }) =>
          toJob(await jobs.enqueue(db, { kind: 'ops.traced', authority, input })),
      }),
    ],
    handlers: [
      {
        kind: 'ops.traced',
        version: 1,
        async run(context, input) {
          const egress = createEgress({ allow: ['127.0.0.1'], timeoutMs: 10_000, maxBytes: 10_000, maxRedirects: 2 });
          let tries = 0;
          await context.step('first', async () => ({ note: input.note }));
          await context.step(
            'second',
            async () => {
              tries += 1;
              if (tries === 1) throw new AppError('UPSTREAM_FAILED', `not yet, ${String(input.note)}`, 'Try again.');
              while (input.wait_for !== undefined && !existsSync(String(input.wait_for))) {
                await sleep(10, undefined, { signal: context.signal });
              }
            },
            { retries: 1, backoffMs: 1 },
          );
          const status = await context.call('notify', { idempotent: true }, async () => {
            const answer = await egress(String(input.url), { method: 'POST', body: String(input.note) });
            return answer.status;
          });
          return { status };
        },
      },
    ],
    schedules: [],
    resources: [],
    prompts: [],
    errors: {},
    flags: async () => ({}),
  },
];
