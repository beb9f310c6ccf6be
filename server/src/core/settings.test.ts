import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { describeSettings, isLoopback, readSettings, SettingsError } from './settings.ts';

const directory = mkdtempSync(path.join(tmpdir(), 'tutti-settings-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));
let files = 0;
/** A file that says this. */
function yamlFile(text: string): string {
  files += 1;
  const file = path.join(directory, `${files}.yaml`);
  writeFileSync(file, text);
  return file;
}
const empty = path.join(directory, 'empty');
const read = (args: readonly string[], env: NodeJS.ProcessEnv = {}) =>
  readSettings(['--data-dir', empty, ...args], env);

describe('a setting', () => {
  const yaml = yamlFile('port: 3\nlog_level: warn\nlake:\n  roots: [file:///yaml]\nobjects.max_bytes: 5\n');

  test('comes from flags before variables before tutti.yaml before defaults', () => {
    const env = { TUTTI_PORT: '2', TUTTI_LOG_LEVEL: 'error', TUTTI_CONFIG: yaml };
    expect(read(['--port', '1'], env)).toMatchObject({ port: 1, log_level: 'error' });
    expect(read([], env)).toMatchObject({ port: 2, log_level: 'error' });
    expect(read(['--config', yaml])).toMatchObject({ port: 3, log_level: 'warn', host: '127.0.0.1' });
    expect(read([])).toMatchObject({ port: 7410, log_level: 'info' });
  });

  test('with a dot in its name is a level of tutti.yaml, a dash of its flag and an underscore of its variable', () => {
    expect(read(['--config', yaml])).toMatchObject({ 'lake.roots': ['file:///yaml'], 'objects.max_bytes': 5 });
    expect(read([], { TUTTI_LAKE_ROOTS: 'file:///a,file:///b' })['lake.roots']).toEqual(['file:///a', 'file:///b']);
    expect(read(['--lake-roots', 'file:///c', '--jobs-dead-after-s', '3'])).toMatchObject({
      'lake.roots': ['file:///c'],
      'jobs.dead_after_s': 3,
    });
  });

  test('tutti.yaml is looked for in the data directory, wherever that was said', () => {
    writeFileSync(path.join(directory, 'tutti.yaml'), 'port: 9\n');
    expect(readSettings(['--data-dir', directory], {}).port).toBe(9);
    expect(readSettings([], { TUTTI_DATA_DIR: directory }).port).toBe(9);
    expect(readSettings(['--data-dir', directory, '--config', yaml], {}).port).toBe(3);
  });

  test('data_dir becomes absolute', () => {
    expect(readSettings(['--data-dir', 'some/where'], {}).data_dir).toBe(path.resolve('some/where'));
  });

  test('is described with its flag, variable and meaning', () => {
    const all = describeSettings();
    expect(all.find((one) => one.name === 'jobs.dead_after_s')).toMatchObject({
      flag: 'jobs-dead-after-s',
      variable: 'TUTTI_JOBS_DEAD_AFTER_S',
      default: 15,
    });
    for (const one of all) expect(one.description, one.name).toMatch(/^[A-Z].{10,}\.|…$/);
    // Each described flag and variable is one that is read.
    for (const { flag, variable, name } of all) {
      if (name === 'behind_tls') continue;
      expect(() => read([`--${flag}`, '\0'], {}), flag).not.toThrow(/Unknown/);
      expect(() => read([], { [variable]: '\0' }), variable).not.toThrow(/Unknown/);
    }
  });
});

describe('what stops the start, with a sentence', () => {
  const sentence = (work: () => unknown) => {
    try {
      work();
    } catch (error) {
      expect(error).toBeInstanceOf(SettingsError);
      return (error as Error).message;
    }
    return expect.unreachable('it must be refused');
  };

  test('an unknown flag, variable or name in tutti.yaml', () => {
    expect(sentence(() => read(['--colour', 'red']))).toContain('--colour');
    expect(sentence(() => read(['serve']))).toContain('serve');
    expect(sentence(() => read([], { TUTTI_COLOUR: 'red' }))).toContain('TUTTI_COLOUR');
    expect(sentence(() => read(['--config', yamlFile('colour: red\n')]))).toContain('colour');
    expect(sentence(() => read(['--config', yamlFile('lake:\n  colour: red\n')]))).toContain('lake.colour');
  });

  test.each([
    ['port', '65536'],
    ['port', '-1'],
    ['port', 'many'],
    ['port', '1.5'],
    ['log_level', 'loud'],
    ['behind_tls', 'maybe'],
    ['public_url', 'ftp://example.com'],
    ['database_url', 'mysql://localhost'],
    ['jobs.concurrency', '257'],
    ['max_body_bytes', '1'],
    ['host', ''],
  ])('%s = %j', (name, value) => {
    const variable = `TUTTI_${name.replace('.', '_').toUpperCase()}`;
    expect(sentence(() => read([], { [variable]: value }))).toContain(name);
    const [level, leaf] = name.split('.');
    const yaml = leaf ? `${level}:\n  ${leaf}: ${JSON.stringify(value)}\n` : `${name}: ${JSON.stringify(value)}\n`;
    expect(sentence(() => read(['--config', yamlFile(yaml)]))).toContain(name);
  });

  test('a number that is none, in words for operators', () => {
    expect(sentence(() => read(['--port', 'abc']))).toBe('Setting port: a number is expected.');
    expect(sentence(() => read(['--config', yamlFile('host: [1]\n')]))).not.toContain('Invalid input');
  });

  test('a file that is named but not there, or is not YAML', () => {
    const missing = path.join(directory, 'missing.yaml');
    expect(sentence(() => read(['--config', missing]))).toContain(missing);
    expect(sentence(() => read(['--config', yamlFile('{')]))).toContain('Cannot read');
    expect(sentence(() => read(['--config', yamlFile('just words')]))).toContain('.');
    expect(sentence(() => read(['--config', yamlFile('- a\n- b\n')]))).toContain('.');
  });

  test.each(['0.0.0.0', '::', '192.168.1.2', 'tutti.example', '127.0.0.1.nip.io', 'localhost.evil'])(
    'host %s without TLS in front',
    (host) => {
      expect(sentence(() => read(['--host', host]))).toContain('behind_tls');
      expect(read(['--host', host, '--behind-tls']).host).toBe(host);
      expect(read(['--host', host], { TUTTI_BEHIND_TLS: 'true' }).behind_tls).toBe(true);
    },
  );
});

test('loopback needs no TLS', () => {
  for (const host of ['localhost', '127.0.0.1', '127.1.2.3', '::1']) {
    expect(isLoopback(host)).toBe(true);
    expect(read(['--host', host]).host).toBe(host);
  }
});

test('variables of the command line, and those of others, are not ours', () => {
  const env = { TUTTI_URL: 'http://x', TUTTI_TOKEN: 'x', PORT: '1', tutti_port: '1', TUTTIX: '1' };
  expect(read([], env).port).toBe(7410);
});

test('switches take true, false, 1', () => {
  expect(read([], { TUTTI_BEHIND_TLS: '1' }).behind_tls).toBe(true);
  expect(read([], { TUTTI_BEHIND_TLS: 'false' }).behind_tls).toBe(false);
});

test('an empty tutti.yaml says nothing', () => {
  expect(read(['--config', yamlFile('# all comments\n')]).port).toBe(7410);
});
