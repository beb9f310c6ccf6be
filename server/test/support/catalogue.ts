import { createConfig } from '../../src/capabilities/config/index.ts';
import { createLake } from '../../src/capabilities/lake/index.ts';
import { createOps } from '../../src/capabilities/ops/index.ts';
import { createOrchestra } from '../../src/capabilities/orchestra/index.ts';
import { createSystem } from '../../src/capabilities/system/index.ts';
import { createWorkflows } from '../../src/capabilities/workflows/index.ts';
import { type Catalogue, createCatalogue } from '../../src/core/catalogue.ts';
import { createLog } from '../../src/core/log.ts';
import { readSettings } from '../../src/core/settings.ts';
import type { Slice } from '../../src/core/slice.ts';

/** All slices, wired to nothing: enough to look at their tools, not to run them. */
export function slicesWithoutServer(): Slice[] {
  const nothing = undefined as never;
  const settings = readSettings(['--data-dir', '/nonexistent', '--orchestra-allow-writes'], {});
  const needs = { db: nothing, jobs: nothing, cursors: nothing, objects: nothing, feed: nothing, webhooks: nothing };
  return [
    createSystem({
      ...needs,
      version: '0.0.0',
      baseUrl: () => 'http://127.0.0.1',
      keepDays: 1,
      keepEventDays: 1,
      keepDeliveryDays: 1,
      slices: [],
      allFlags: async () => ({}),
    }),
    createLake({ ...needs, indexes: nothing, settings, log: createLog('silent') }),
    createOps({ ...needs, secrets: nothing, settings, log: createLog('silent') }),
    createWorkflows({
      ...needs,
      connection: nothing,
      keys: nothing,
      secrets: nothing,
      metrics: { downstreamCall: nothing, workflowRunEnded: nothing } as never,
      catalogue: nothing,
      invoke: nothing,
      settings,
      log: createLog('silent'),
    }),
    createConfig({ ...needs, keys: nothing, metrics: nothing, settings, log: createLog('silent') }),
    createOrchestra({ ...needs, settings }),
  ];
}

export function fullCatalogue(): Catalogue {
  return createCatalogue(slicesWithoutServer().flatMap((slice) => slice.tools));
}
