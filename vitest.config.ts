import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

/** Ceilings are generous: tests assert order and outcome, never time. */
const shared = {
  pool: 'forks' as const,
  testTimeout: 60_000,
  hookTimeout: 120_000,
  expect: { poll: { timeout: 30_000 } },
  globalSetup: ['server/test/support/postgres-global.ts'],
  setupFiles: ['server/test/support/same-properties.ts'],
  exclude: ['**/node_modules/**', '**/dist/**'],
};

/** One by one, after the others of their tier: they share an engine, and some restart it. */
const onDocker = (tier: string) => ({
  ...shared,
  name: `${tier}-docker`,
  include: [`server/test/ops/*.${tier}.ts`],
  testTimeout: 600_000,
  maxWorkers: 1,
  sequence: { groupOrder: 1 },
});

/** The tiers: `*.test.ts` needs nothing, `*.slow.ts` neither but time, `*.services.ts` real services, `*.chaos.ts` kills at random. */
export default defineConfig({
  test: {
    maxWorkers: Math.min(4, Math.max(2, availableParallelism() - 1)),
    projects: [
      {
        test: {
          ...shared,
          name: 'embedded',
          include: ['server/**/*.test.ts', 'client/**/*.test.ts', 'scripts/**/*.test.ts'],
        },
      },
      { test: { ...shared, name: 'slow', include: ['server/**/*.slow.ts'], testTimeout: 600_000 } },
      {
        test: {
          ...shared,
          name: 'services',
          include: ['server/**/*.services.ts'],
          exclude: [...shared.exclude, 'server/test/ops/*'],
          testTimeout: 600_000,
          maxWorkers: 2,
        },
      },
      { test: onDocker('services') },
      {
        test: {
          ...shared,
          name: 'chaos',
          include: ['server/**/*.chaos.ts'],
          exclude: [...shared.exclude, 'server/test/ops/*'],
          testTimeout: 600_000,
          maxWorkers: 2,
        },
      },
      { test: onDocker('chaos') },
    ],
  },
});
