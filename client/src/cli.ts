import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { type CallFlags, call } from './call.ts';
import { type ExportFlags, exportConfigs } from './config-export.ts';
import { type VerifyFlags, verifyConfigs } from './config-verify.ts';
import { type ConnectFlags, connect } from './connect.ts';
import { TuttiError } from './error.ts';
import { exitCode } from './exit-code.ts';
import { type McpFlags, mcp } from './mcp-command.ts';
import { runServerCommand, type ServerCommand, serverCommands } from './server-command.ts';
import { readEnvironment, readPlaces } from './settings.ts';
import { processTerminal, type Terminal } from './terminal.ts';
import { type ToolsFlags, tools } from './tools-command.ts';

/** Runs the `tutti` command and answers its exit code. */
export async function run(
  args: readonly string[],
  terminal: Terminal = processTerminal(),
  environment = readEnvironment(),
): Promise<number> {
  const done = { code: 0 };
  try {
    const program = createProgram(terminal);
    for (const name of Object.keys(serverCommands) as ServerCommand[]) {
      // Not even --help is ours: everything after the name is for the server's own command.
      untouched(program.command(name).description(serverCommands[name]).usage('[flags…]').argument('[flags...]'))
        .helpOption(false)
        .action(async (flags: string[]) => {
          done.code = await runServerCommand(name, flags);
        });
    }
    untouched(connecting(program.command('call').description('Call a tool and print its answer as JSON')))
      .argument('<name>', 'the tool, see `tutti tools`')
      .argument(
        '[input...]',
        'its fields as --field value, or all of its input as one JSON object (- reads it from stdin)',
      )
      .option('--yes', 'call it without asking, also when that cannot be undone')
      .action(async (name: string, words: string[], flags: CallFlags) => {
        done.code = await call(name, words, flags, environment, terminal);
      });
    connecting(program.command('tools').description('List the tools, or show one with its fields'))
      .argument('[name]', 'the tool to show')
      .option('--toolset <toolset>', 'only the tools of this toolset')
      .option('--json', 'print JSON')
      .action(async (name: string | undefined, flags: ToolsFlags) => {
        done.code = await tools(name, flags, environment, terminal);
      });
    program
      .command('mcp')
      .description('Speak MCP over standard input and output, for clients that start their servers')
      .option('--toolsets <toolsets>', 'only these toolsets, with commas between them')
      .option('--read-only', 'only tools that read')
      .option('--debug', 'say on standard error what is passed on')
      .option('--data-dir <directory>', 'where the server keeps its data (TUTTI_DATA_DIR)')
      .action(async (flags: McpFlags) => {
        done.code = await mcp(flags, environment);
      });
    connecting(
      program.command('connect').description('Write this server into the file of an MCP client (dry run first)'),
    )
      .argument('<client>', 'claude-code, codex, vscode or cursor')
      .option('--user', 'into the file of this user (default)')
      .option('--project', 'into the file of the project in this directory')
      .option('--grant <grant...>', 'what its token may do: roles or scopes (default: reader)')
      .option('--expires <time>', 'when its token ends: 30m, 12h, 90d or a date (default: 90d)')
      .option('--as <principal>', 'whose token it is (default: the name of the client)')
      .option('--stdio', 'let the client start `tutti mcp` instead of giving it a URL and a token')
      .option('--apply', 'write it; without this it is only shown')
      .action(async (name: string, flags: ConnectFlags) => {
        done.code = await connect(name, flags, environment, readPlaces(), terminal);
      });
    const config = program
      .command('config')
      .description('Export signed configurations of MCP clients, and verify them')
      .helpCommand(false);
    connecting(config.command('export').description('Write what is current into a folder for any server of files'))
      .argument('<folder>', 'a new one, an empty one, or an export before')
      .option('--client <client>', 'only this client family')
      .option('--profile <profile>', 'only this profile')
      .action(async (folder: string, flags: ExportFlags) => {
        done.code = await exportConfigs(folder, flags, environment, terminal);
      });
    config
      .command('verify')
      .description('Verify an export, or an answer of get_config in a file, without any server')
      .argument('<from>', 'a folder, the address of one, or a file')
      .option('--keys <file>', 'the public keys that you trust: what list_signing_keys answered')
      .option('--client <client>', 'the client family whose configuration is wanted; without it all is verified')
      .option('--profile <profile>', 'its profile')
      .option('--tenant <tenant>', 'whose Tutti it must come from', 'default')
      .option('--schema <schema_ref>', 'for a client that reads an older schema: that one')
      .option('--fingerprint <id>', 'the random id of a client that takes part in rollouts')
      .option('--state <file>', 'keeps the highest sequence that was taken, and refuses what is older')
      .option('--text', 'print the configuration itself, to the letter')
      .action(async (from: string, flags: VerifyFlags) => {
        done.code = await verifyConfigs(from, flags, terminal);
      });
    for (const command of config.commands) seeHelp(command, `tutti config ${command.name()}`);
    for (const command of program.commands) seeHelp(command, `tutti ${command.name()}`);
    await program.parseAsync(args[0] === 'help' ? [...args.slice(1, 2), '--help'] : [...args], { from: 'user' });
    return done.code;
  } catch (error) {
    return report(error, terminal);
  }
}

/** Ends every mistake in its words with where to look. */
function seeHelp(command: Command, name: string): Command {
  return command.showHelpAfterError(`See: ${name} --help`);
}

function createProgram(terminal: Terminal): Command {
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  return seeHelp(new Command('tutti'), 'tutti')
    .description('One control plane for the data, containers, workflows and client configuration that agents run.')
    .version(version)
    .helpCommand(false)
    .enablePositionalOptions()
    .configureOutput({
      writeOut: terminal.out,
      writeErr: terminal.note,
      outputError: (text, write) =>
        write(text.replace(/^error: (.)(.*)/, (_, first, rest) => `${first.toUpperCase()}${rest}.`)),
    })
    .exitOverride();
}

/** Leaves everything that follows the first word after the command's name as it was written. */
function untouched(command: Command): Command {
  return command.allowUnknownOption().passThroughOptions();
}

function connecting(command: Command): Command {
  return command
    .option('--url <url>', 'the server (TUTTI_URL); by default the one that runs on the data directory')
    .option('--token <token>', 'a bearer token (TUTTI_TOKEN); by default the administrator’s of the data directory')
    .option('--data-dir <directory>', 'where the server keeps its data (TUTTI_DATA_DIR)');
}

/** Says why a command failed: the server's own envelope as it came, anything else as sentences. */
function report(error: unknown, terminal: Terminal): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  if (!(error instanceof TuttiError)) {
    terminal.note(`Something failed: ${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  }
  const { code, message, suggestion, retryable, details, status } = error;
  if (status === undefined) terminal.note(`${message} ${suggestion}\n`);
  else {
    const body = { code, message, suggestion, retryable, ...(details === undefined ? {} : { details }) };
    terminal.note(`${JSON.stringify({ success: false, error: body }, null, 2)}\n`);
  }
  return exitCode(error);
}
