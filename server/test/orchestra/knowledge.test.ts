import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { fullCatalogue } from '../support/catalogue.ts';

// What is written for people and agents names every tool of the capability, and no other.

const read = (file: string) => readFileSync(path.join(import.meta.dirname, '../../..', file), 'utf8');
const tools = fullCatalogue()
  .faces.filter(({ toolset }) => toolset === 'orchestra')
  .map(({ name }) => name)
  .sort();

test('the page begins with the list of all tools', () => {
  const [, list = ''] = /^(\| tool [\s\S]*?)\n\n/m.exec(read('docs/orchestra-mcp-server.md')) ?? [];
  expect([...list.matchAll(/^\| `(\w+)`/gm)].map(([, name]) => name).sort()).toEqual(tools);
});

test('the page has the parts that its readers look for', () => {
  const parts = [...read('docs/orchestra-mcp-server.md').matchAll(/^## (.+)$/gm)].map(([, title]) => title);
  expect(parts).toEqual(
    expect.arrayContaining([
      'Architecture',
      'Tools by example',
      'Authentication',
      'Usage patterns',
      'Troubleshooting',
      'Integration with existing workflows',
    ]),
  );
});

test('the specialist has its six sections, and a confidence for every tool', () => {
  const text = read('.claude/agents/specialists/orchestra-expert.md');
  expect(text).toMatch(/^---\nname: orchestra-expert\ndescription: .{20,}\n---\n/);
  expect([...text.matchAll(/^## (.+)$/gm)].map(([, title]) => title)).toEqual([
    'Role & Expertise',
    'Core Responsibilities',
    'MCP Tools Integration',
    'Collaboration with other specialists',
    'Common troubleshooting patterns',
    'Performance optimization strategies',
  ]);
  const rows = [...text.matchAll(/^\| `(\w+)` +\| [^|]+ \| (high|medium|low) +\|/gm)];
  expect(rows.map(([, name]) => name).sort()).toEqual(tools);
});

test('the entry of the repository is the one that clients of Orchestra know', () => {
  expect(JSON.parse(read('.mcp.json')).mcpServers['orchestra-mcp']).toMatchObject({
    command: 'bash',
    args: ['scripts/launch-orchestra-mcp.sh'],
    disabled: false,
  });
});
