import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeTempDir } from '../../../../../test/support/temp-dir.ts';
import { checkTemplate, defaultsOf } from '../create.ts';
import { findTemplate, templateIds } from './find.ts';

const limits = { maxMemoryBytes: 2 ** 31, maxCpus: 2, maxPids: 1024 };

let directory: string;
const put = (id: string, files: Record<string, string>) => {
  mkdirSync(path.join(directory, id));
  for (const [name, text] of Object.entries(files)) writeFileSync(path.join(directory, id, name), text);
};
const head = 'name: Mine\ndescription: What it is for\n';

beforeAll(() => {
  directory = makeTempDir('templates');
  put('mine', { 'template.yml': head, 'compose.yml': 'services: {a: {image: x}}' });
  put('older', { 'template.yml': head, 'docker-compose.yml': 'services: {b: {image: x}}' });
  put('web-dev', { 'template.yml': head, 'compose.yml': 'services: {c: {image: x}}' });
  put('half', { 'template.yml': head });
  put('bad-head', { 'template.yml': `${head}capabilities: {a: [SYS_ADMIN]}`, 'compose.yml': 'services: {}' });
  put('bad-key', { 'template.yml': `${head}run_as: root`, 'compose.yml': 'services: {}' });
  put('long', { 'template.yml': head, 'compose.yml': `#${'x'.repeat(70_000)}` });
  put('Not-An-Id', { 'template.yml': head, 'compose.yml': 'services: {}' });
  writeFileSync(path.join(directory, 'file'), '');
  symlinkSync('/etc', path.join(directory, 'link'));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

test('ours and those of the operator', async () => {
  expect(await templateIds(undefined)).toEqual(['api-testing', 'python-ml', 'web-dev']);
  expect(await templateIds('/nonexistent')).toEqual(['api-testing', 'python-ml', 'web-dev']);
  expect(await templateIds(directory)).toEqual([
    'api-testing',
    'bad-head',
    'bad-key',
    'half',
    'long',
    'mine',
    'older',
    'python-ml',
    'web-dev',
  ]);
});

test.each(['web-dev', 'python-ml', 'api-testing'])(
  '%s passes the policy and needs none of the powers of root',
  async (id) => {
    const template = await findTemplate(id, undefined);
    if (!template) throw new Error('it is gone');
    const { services } = checkTemplate(template, defaultsOf(template), limits);
    for (const [name, { capabilities, ports, asked }] of Object.entries(services)) {
      expect(capabilities).toEqual([]);
      expect({ name, user: asked.user }).toEqual({ name, user: expect.not.stringMatching(/^(root|0)/) });
      for (const port of ports) expect(port.published).toBeUndefined();
    }
    // Every password is made for the sandbox.
    for (const value of template.generated) expect(template.compose).toContain(`\${${value}}`);
    expect(template.compose).not.toMatch(/(PASSWORD|TOKEN): (?!\$)/);
  },
);

test('the operator’s stand before ours of the same name', async () => {
  expect((await findTemplate('web-dev', directory))?.compose).toContain('c: {image: x}');
  expect((await findTemplate('mine', directory))?.category).toBe('custom');
  expect((await findTemplate('older', directory))?.compose).toContain('b: {image: x}');
});

test.each([
  ['half', ''],
  ['bad-head', 'template.yml.capabilities.a.0'],
  ['bad-key', 'template.yml'],
  ['long', 'compose.yml'],
])('%s is refused with the place', async (id, at) => {
  await expect(findTemplate(id, directory)).rejects.toMatchObject({
    code: 'INVALID_TEMPLATE',
    details: { issues: [expect.objectContaining({ path: at })] },
  });
});

test.each(['..', '../mine', 'mine/../mine', 'Not-An-Id', '', 'file', 'none', '/etc'])('%j is none', async (id) => {
  expect(await findTemplate(id, directory)).toBeUndefined();
});
