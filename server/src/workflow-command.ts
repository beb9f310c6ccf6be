import { readFileSync } from 'node:fs';
import { drawMermaid } from './capabilities/workflows/definition/draw.ts';
import { parseDefinition } from './capabilities/workflows/definition/parse.ts';
import type { Problem } from './capabilities/workflows/definition/problem.ts';
import { openEvaluator } from './capabilities/workflows/expressions/evaluator.ts';
import type { StateRow } from './capabilities/workflows/journal/row.ts';
import { type Comparison, compare } from './capabilities/workflows/rehearsal/compare.ts';
import { NoAnswer } from './capabilities/workflows/rehearsal/mock-calls.ts';
import { type Rehearsal, rehearse } from './capabilities/workflows/rehearsal/rehearse.ts';
import { readScript } from './capabilities/workflows/rehearsal/script.ts';
import { badInput, command, type Options } from './command.ts';

const help = `tutti workflow: works on the file of a workflow, without a server.

  tutti workflow validate <definition> [--json]
      Checks it. What only servers know (their tools) is checked by the tool validate_workflow.
  tutti workflow draw <definition>
      Prints it as a Mermaid diagram.
  tutti workflow test <definition> --answers <file> [--json]
      Runs it with the answers of that file for tools and people; waits take no time. Shows the states, and compares the
      end with what the file expects: exits with 1 where it differs. docs/workflows.md has an example.
`;

const options = { answers: { type: 'string' }, json: { type: 'boolean', default: false } } satisfies Options;

/** `tutti workflow …`: what an author does with a definition. Answers the exit code. */
export const workflow = command(help, options, ({ answers, json }, [verb, file, ...more]) => {
  if (file === undefined || more.length > 0 || (answers === undefined) !== (verb !== 'test')) return undefined;
  if (verb !== 'validate' && verb !== 'draw' && verb !== 'test') return undefined;
  const parsed = parseDefinition(readText(file));
  if (verb === 'validate' && json) writeJson({ valid: parsed.ok, problems: parsed.problems });
  else if (!parsed.ok) process.stderr.write(parsed.problems.map(problemLine).join(''));
  if (!parsed.ok) return 1;
  if (verb === 'test') return test(parsed, readText(answers as string), json);
  if (verb === 'draw') process.stdout.write(`${drawMermaid(parsed.machine).trimEnd()}\n`);
  else if (!json) process.stdout.write(`${parsed.envelope.name} is valid.\n`);
  return 0;
});

async function test(definition: Parameters<typeof rehearse>[0], text: string, json: boolean): Promise<number> {
  const script = readScript(text);
  const evaluator = openEvaluator({ processes: 1 });
  try {
    const made = await rehearse(definition, script, evaluator);
    const compared = script.expect ? compare(made, script.expect) : [];
    if (json) writeJson({ ...made, compared });
    else process.stdout.write(table(made) + compared.map(comparisonLine).join(''));
    if (script.expect) return compared.every(({ met }) => met) ? 0 : 1;
    return made.status === 'succeeded' || made.status === 'partial' ? 0 : 1;
  } catch (error) {
    if (!(error instanceof NoAnswer)) throw error;
    throw badInput(error.message, 'Add one to answers in the file.');
  } finally {
    await evaluator.close();
  }
}

function table({ states, status, summary, calls, seconds, error }: Rehearsal): string {
  const rows = states.filter(({ type }) => type !== 'Iteration' && type !== 'Branch').map(cells);
  const all = [['state', 'type', 'status', 'tries', 'calls', 'error'], ...rows];
  const widths = (all[0] ?? []).map((_, at) => Math.max(...all.map((row) => row[at]?.length ?? 0)));
  const lines = all.map((row) =>
    row
      .map((cell, at) => cell.padEnd(widths[at] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  const total = Object.values(calls).reduce((sum, count) => sum + count, 0);
  const cause = error?.Cause === undefined ? '' : `: ${error.Cause}`;
  const end = `${status}: ${summary}${cause}\n${total} calls; it would have waited ${seconds} s.`;
  return `${lines.join('\n')}\n\n${end}\n`;
}

function cells({ path, type, status, attempts, server, tool, error }: StateRow): string[] {
  const call = server === null ? '' : `${server}/${tool}`;
  return [path, type, status, String(Math.max(1, attempts.length)), call, error?.Error ?? ''];
}

function comparisonLine({ what, met, expected, got }: Comparison): string {
  if (met) return `✓ ${what}\n`;
  return `✗ ${what}\n  expected ${JSON.stringify(expected)}\n  got      ${JSON.stringify(got) ?? 'nothing'}\n`;
}

function problemLine({ path, message, suggestion }: Problem): string {
  return `${path}: ${message} ${suggestion}\n`;
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw badInput(`${file} cannot be read: ${(error as NodeJS.ErrnoException).code}.`, 'Name a file that is there.');
  }
}

function writeJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
}
