// Writes docs/settings.md, the reference of all settings, from their schema: npm run docs
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describeSettings } from '../server/src/core/settings.ts';

const target = new URL('../docs/settings.md', import.meta.url);

type Setting = ReturnType<typeof describeSettings>[number];

const head = `# Settings

Made from the schema in \`server/src/core/settings.ts\` by \`npm run docs\`.

Flags come before variables, variables before \`tutti.yaml\`, that before the default. The file is looked for in the data
directory; \`--config\` or \`TUTTI_CONFIG\` names another one. In it a dot is a level: \`jobs.concurrency\` is \`concurrency\`
below \`jobs\`. [tutti.example.yaml](../tutti.example.yaml) has all of them to copy. A list is a YAML list there, and
separated by commas in a flag or variable.

An unknown or bad setting stops the start with a sentence. \`tutti doctor\` says which are set, and where.
`;

const others = [
  ['`TUTTI_CONFIG`', 'the file of settings, as `--config`'],
  ['`TUTTI_URL`, `TUTTI_TOKEN`', 'the server and the token of `tutti call` and other commands of the client'],
  ['`XDG_DATA_HOME`', 'where `data_dir` is by default: `tutti` below it'],
  ['`ORCHESTRA_API_KEY`', 'the API key of Orchestra, where `orchestra.api_key` names no other place'],
  ['`ORCHESTRA_API_KEY_FILE`', 'the file that holds it, where `ORCHESTRA_API_KEY` is not set'],
  ['`ORCHESTRA_API_BASE_URL`', '`orchestra.api_base_url`, where that is not set'],
  ['`OTEL_EXPORTER_OTLP_TRACES_ENDPOINT`', '`telemetry.otlp_url`, where that is not set'],
  ['`OTEL_EXPORTER_OTLP_ENDPOINT`', 'the same, without its `/v1/traces`'],
  ['`OTEL_SERVICE_NAME`', '`telemetry.service_name`, where that is not set'],
  ['`OTEL_SDK_DISABLED`', '`true`: the variables of OpenTelemetry count for nothing'],
];

/** The text of docs/settings.md as the schema wants it now. */
export function settingsReference(): string {
  const groups = Map.groupBy(describeSettings(), ({ name }) => (name.includes('.') ? name.split('.')[0] : 'General'));
  const sections = [...groups].map(([group, settings]) => {
    return `## ${group}\n\n${table(['setting', 'flag', 'variable', 'default', 'meaning'], settings.map(cells))}`;
  });
  const foot = `## Other variables\n\n${table(['variable', 'what it sets'], others)}`;
  return [head, ...sections, foot].join('\n');
}

function cells({ name, flag, variable, description, default: value }: Setting): string[] {
  return [code(name), code(`--${flag}`), code(variable), shown(value), description.replaceAll('|', '\\|')];
}

/** A table with columns of even width, as the formatter of the repository has them. */
export function table(titles: readonly string[], body: readonly (readonly string[])[]): string {
  const rows = [titles, ...body];
  const widths = titles.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]) => `| ${row.map((cell, n) => cell.padEnd(widths[n] ?? 0)).join(' | ')} |\n`;
  return [line(titles), line(widths.map((width) => '-'.repeat(width))), ...body.map(line)].join('');
}

function shown(value: unknown): string {
  if (value === undefined || value === '' || (Array.isArray(value) && value.length === 0)) return '';
  return code(Array.isArray(value) ? value.join(',') : String(value));
}

function code(text: string): string {
  return `\`${text}\``;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(target, settingsReference());
