import { findTarget, hasField } from './call-target.ts';
import { callTool } from './client.ts';
import { type ConnectionFlags, requireToken } from './connection.ts';
import { badInput } from './error.ts';
import { readFields } from './fields.ts';
import type { Environment } from './settings.ts';
import type { Terminal } from './terminal.ts';
import type { ToolDescription } from './tool-list.ts';
import { describeTool } from './tools-command.ts';

export interface CallFlags extends ConnectionFlags {
  /** Do what cannot be undone without asking. */
  readonly yes?: boolean;
}

/** `tutti call <name> …`: calls a tool and prints its answer. `given` is what follows the name: flags or one JSON object. */
export async function call(
  name: string,
  given: readonly string[],
  flags: CallFlags,
  environment: Environment,
  terminal: Terminal,
): Promise<number> {
  const { server, tool, words } = await findTarget(name, given, flags, environment);
  if (isFlag(words, tool, 'help')) {
    terminal.out(describeTool(tool));
    return 0;
  }
  const fields = words.filter((word) => word !== '--yes' || hasField(tool, 'yes'));
  const input = await readInput(fields, tool, terminal);
  const agreed = flags.yes || isFlag(words, tool, 'yes');
  if (tool.effect === 'destroy' && !agreed && !isDryRun(tool, input) && !(await agree(tool, input, terminal))) {
    terminal.note('Nothing was called.\n');
    return 7;
  }
  const answer = await callTool({ url: server.url, token: requireToken(server) }, tool.name, input);
  terminal.out(`${JSON.stringify(answer, null, 2)}\n`);
  return 0;
}

async function readInput(words: readonly string[], tool: ToolDescription, terminal: Terminal): Promise<object> {
  const [first = '', ...others] = words;
  if (first.startsWith('--') || first === '') return readFields(words, tool.input, tool.name);
  if (others.length > 0)
    throw badInput('The input is JSON and flags at once.', 'Give either one JSON object or flags.');
  return parseObject(first === '-' ? await terminal.readInput() : first, tool);
}

function parseObject(text: string, tool: ToolDescription): object {
  try {
    const value = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  } catch {
    // Said below, in the same words as for JSON that is no object.
  }
  throw badInput(
    `The input of ${tool.name} is not a JSON object.`,
    `Give it as tutti call ${tool.name} --field value, or '{"field": "value"}'.`,
  );
}

async function agree(tool: ToolDescription, input: object, terminal: Terminal): Promise<boolean> {
  if (terminal.confirm) {
    return terminal.confirm(`${tool.name} ${JSON.stringify(input)} cannot be undone. Call it?`);
  }
  throw badInput(
    `${tool.name} cannot be undone, and nobody is here to be asked.`,
    'Add --yes to call it all the same.',
  );
}

/** Whether the call only asks what would be done. */
function isDryRun(tool: ToolDescription, input: object): boolean {
  return hasField(tool, 'dry_run') && 'dry_run' in input && input.dry_run === true;
}

/** Whether a word is the command's own flag, which a field of that name would take the place of. */
function isFlag(words: readonly string[], tool: ToolDescription, flag: string): boolean {
  return words.includes(`--${flag}`) && !hasField(tool, flag);
}
