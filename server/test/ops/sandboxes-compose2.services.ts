import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { composeDirectory } from '../support/docker-host.ts';
import { testFailures } from '../support/sandbox-failures.ts';
import { describeSandboxes } from '../support/sandbox-kit.ts';
import { testLife } from '../support/sandbox-life.ts';

// The second generation of compose, as a program of its own.
describe.skipIf(composeDirectory === '')('with docker-compose 2', () => {
  beforeAll(() => {
    vi.stubEnv('PATH', `${composeDirectory}${path.delimiter}${process.env.PATH}`);
  });
  afterAll(() => {
    vi.unstubAllEnvs();
  });

  describeSandboxes('sandboxes', (kit) => {
    test('it is the one that is used', async () => {
      const { compose } = await kit.ops.ok('orcaops_system_info');
      expect(compose).toEqual({ command: 'docker-compose', version: expect.stringMatching(/^2\./) });
    });
    testLife(kit);
    testFailures(kit);
  });
});
