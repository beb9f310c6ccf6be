import { mkdirSync, rmSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { composeDirectory } from '../support/docker-host.ts';
import { describeSandboxes } from '../support/sandbox-kit.ts';
import { testLife } from '../support/sandbox-life.ts';
import { makeTempDir } from '../support/temp-dir.ts';

// The second generation of compose, as a plugin in the folder of the user, where Docker Desktop puts it.
describe.skipIf(composeDirectory === '')('with docker compose', () => {
  let home: string;
  beforeAll(() => {
    home = makeTempDir('home');
    const plugins = path.join(home, '.docker/cli-plugins');
    mkdirSync(plugins, { recursive: true });
    symlinkSync(path.join(composeDirectory, 'docker-compose'), path.join(plugins, 'docker-compose'));
    vi.stubEnv('HOME', home);
  });
  afterAll(() => {
    vi.unstubAllEnvs();
    rmSync(home, { recursive: true, force: true });
  });

  describeSandboxes('sandboxes', (kit) => {
    test('it is the one that is used', async () => {
      const { compose } = await kit.ops.ok('orcaops_system_info');
      expect(compose).toEqual({ command: 'docker compose', version: expect.stringMatching(/^2\./) });
    });
    testLife(kit);
  });
});
