import { TuttiError } from './error.ts';

/** The commands that are the server's own: loaded from its package, so that the client stays small. */
export const serverCommands = {
  serve: 'Start the server',
  worker: 'Run the jobs of the servers on a database, and serve nothing',
  backup: 'Write database, objects, indexes and keys of one moment into a file',
  restore: 'Make a data directory from such a file',
  doctor: 'Check this machine, the data directory and the server, and say what to do',
  secret: 'Name secrets by reference, and grant them',
  server: 'Declare the MCP servers whose tools workflows call',
  workflow: 'Check, draw and rehearse the file of a workflow, without a server',
  keys: 'List and rotate the signing keys of the data directory',
  audit: 'Verify and show the audit trail, on the data directory itself',
  token: 'Mint, list and revoke tokens, on the data directory itself',
  tour: 'Start a throw-away server and watch every capability at work',
} as const;

export type ServerCommand = keyof typeof serverCommands;
type Run = (args: readonly string[]) => Promise<number>;

/** Runs a command of the server package with its flags untouched. */
export async function runServerCommand(name: ServerCommand, args: readonly string[]): Promise<number> {
  const module = await load(name);
  return (module[name] as Run)(args);
}

async function load(name: ServerCommand): Promise<Record<string, unknown>> {
  // Not a literal: the client neither needs nor knows that package when it is compiled.
  const specifier = `@tutti/server/${name}`;
  try {
    return await import(specifier);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code !== 'ERR_MODULE_NOT_FOUND' || !message.includes("'@tutti/server'")) throw error;
    throw new TuttiError({
      code: 'SERVER_NOT_INSTALLED',
      message: `tutti ${name} needs the server, which is not installed.`,
      suggestion: 'Install it with: npm install --global @tutti/server',
      retryable: false,
    });
  }
}
