// Writes docs/config-checklist.md from the requirements and their proofs: npm run docs
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { attackRows, type Requirement, requirements } from '../server/test/config/conformance/requirements.ts';
import { table } from './settings-reference.ts';

const target = new URL('../docs/config-checklist.md', import.meta.url);

/** docs/config-checklist.md: what one would ask of such a product, on a page. */
export function configChecklist(): string {
  return `# Checklist for client configuration

What to ask of whoever offers signed configuration of MCP clients, and what Tutti answers. Each yes leads to tests that prove it;
\`npm run conformance:config\` runs them and prints this table again, \`npm run conformance:config -- FR-4 UC-5\` a part of it.

${table(['', 'question', 'answer', 'proof'], requirements.map(row))}
## Attacks

Each is a test that is named after it, and refused.

${table(
  ['attack', 'proof'],
  attackRows.map((one) => [one.id, links(one)]),
)}`;
}

function row(one: Requirement): string[] {
  return [one.id, one.question, 'yes', links(one)];
}

function links({ proofs }: Requirement): string {
  const files = [...new Set(proofs.map(({ file }) => file))];
  return files.map((file) => `[${file.split('/').at(-1)?.replace(/\.ts$/, '')}](../${file})`).join(', ');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(target, configChecklist());
