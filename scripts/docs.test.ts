import { existsSync, globSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { describeSettings, readSettings, settingSources } from '../server/src/core/settings.ts';
import { configChecklist } from './config-checklist.ts';
import { clientsReference } from './config-clients/reference.ts';
import { settingsReference } from './settings-reference.ts';

const root = path.dirname(import.meta.dirname);
const read = (file: string) => readFileSync(path.join(root, file), 'utf8');
const left = new Set(['node_modules', 'dist', '.git', 'third_party']);
const pages = readdirSync(root, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && entry.name.endsWith('.md'))
  .map((entry) => path.relative(root, path.join(entry.parentPath, entry.name)))
  .filter((file) => !file.split(path.sep).some((part) => left.has(part)));

test('docs/settings.md is what the settings are: npm run docs', () => {
  expect(read('docs/settings.md')).toBe(settingsReference());
});

test('docs/config-clients.md is what is known of the clients: npm run docs', () => {
  expect(read('docs/config-clients.md')).toBe(clientsReference());
});

test('docs/config-checklist.md is what the requirements are: npm run docs', () => {
  expect(read('docs/config-checklist.md')).toBe(configChecklist());
});

test('tutti.example.yaml shows every setting, each with a value that is taken', () => {
  const lines = read('tutti.example.yaml').split('\n');
  const used = lines.filter((line) => /^# ( {2})?[a-z0-9_]+:( |$)|^# +- /.test(line)).map((line) => line.slice(2));
  const file = path.join(mkdtempSync(path.join(tmpdir(), 'tutti-example-')), 'tutti.yaml');
  writeFileSync(file, used.join('\n'));
  const shown = Object.keys(settingSources(['--config', file], {}));
  expect(shown.sort()).toEqual(
    describeSettings()
      .map(({ name }) => name)
      .sort(),
  );
  expect(() => readSettings(['--config', file], {})).not.toThrow();
  rmSync(path.dirname(file), { recursive: true });
});

describe.each(pages)('%s', (page) => {
  test('leads nowhere that does not exist', () => {
    expect(deadLinks(page)).toEqual([]);
  });
});

test('a dead link and a dead heading are found', () => {
  expect(deadLinks('x.md', '[a](docs/none.md) `[b](c)` [d](README.md#nothing) [e](#here)\n\n# Here')).toEqual([
    'docs/none.md',
    'README.md#nothing',
  ]);
});

test('the README leads to every page of docs', () => {
  const linked = new Set(links(read('README.md')).map((link) => link.split('#')[0]));
  const directly = pages.filter((page) => path.dirname(page) === 'docs' && !linked.has(page));
  expect(directly).toEqual([]);
});

/** Links of a page to files and headings that are not there. Other sites are not asked. */
function deadLinks(page: string, text = read(page)): string[] {
  return links(text).filter((link) => {
    const [file, heading] = link.split('#') as [string, string?];
    const target = file ? path.join(path.dirname(page), decodeURI(file)) : page;
    if (file && !existsSync(path.join(root, target))) return true;
    return heading !== undefined && target.endsWith('.md') && !headings(file ? read(target) : text).has(heading);
  });
}

function links(text: string): string[] {
  const found = [...withoutCode(text).matchAll(/\]\(<?([^)\s>]+)>?\)/g)].map((match) => match[1] as string);
  return found.filter((link) => !/^[a-z][a-z0-9+.-]*:/i.test(link));
}

/** Anchors as the usual viewers make them from headings. */
function headings(text: string): Set<string> {
  const titles = [...text.replace(/^```.*?^```/gms, '').matchAll(/^#+ +(.+)$/gm)].map((match) => match[1] as string);
  return new Set(
    titles.map((title) =>
      title
        .toLowerCase()
        .replace(/[^\p{L}\p{N}\s_-]/gu, '')
        .replace(/\s/g, '-'),
    ),
  );
}

function withoutCode(text: string): string {
  return text.replace(/^ *```.*?^ *```/gms, '').replace(/`[^`\n]*`/g, '');
}

/** `a.{b,c}` → `a.b`, `a.c`. */
function spelledOut(pattern: string): string[] {
  const braces = /\{([^{}]*)\}/.exec(pattern);
  if (!braces) return [pattern];
  const [all, choices = ''] = braces;
  return choices.split(',').flatMap((one) => spelledOut(pattern.replace(all, one)));
}

test('docs/status.md names files that are there', () => {
  const named = [...read('docs/status.md').matchAll(/`((?:server|client|scripts|examples|bench|deploy)\/[^`\s]+)`/g)];
  expect(named.length).toBeGreaterThan(80);
  const files = named.flatMap(([, pattern = '']) => spelledOut(pattern));
  expect(files.filter((file) => globSync(file, { cwd: root }).length === 0)).toEqual([]);
});
