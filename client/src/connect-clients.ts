import path from 'node:path';
import { getFromJsonc, setInJsonc } from './connect-jsonc.ts';
import { getFromToml, setInToml } from './connect-toml.ts';

export type Scope = 'user' | 'project';

/** The directories below which clients keep their files. */
export interface Places {
  readonly home: string;
  /** The project: where the command runs. */
  readonly project: string;
  readonly platform: NodeJS.Platform;
  /** `CODEX_HOME` */
  readonly codexHome: string | undefined;
  /** The directories of `PATH`. */
  readonly searchPath: readonly string[];
  /** `APPDATA`, on Windows. */
  readonly appData: string | undefined;
}

/** How a client reaches the server: by URL with a token, or by a command that it starts. */
export type Reach =
  | { readonly url: string; readonly token: string }
  | { readonly command: string; readonly args: readonly string[] };

type Entry = Readonly<Record<string, unknown>>;

export interface Client {
  readonly title: string;
  file(scope: Scope, places: Places): string;
  /** The text of its file with our entry in it, in the place of an earlier one. */
  put(text: string, name: string, reach: Reach): string | Promise<string>;
  /** Its entry of that name. */
  get(text: string, name: string): unknown;
  /** What is left to do in the client. */
  readonly next: string;
}

const bearer = (token: string) => `Bearer ${token}`;

/** The clients of which we know the files; see each client's own documentation for what else stands in them. */
export const clients: Readonly<Record<string, Client>> = {
  'claude-code': {
    ...jsonFile('mcpServers', (reach) =>
      'url' in reach
        ? { type: 'http', url: reach.url, headers: { Authorization: bearer(reach.token) } }
        : { type: 'stdio', command: reach.command, args: reach.args },
    ),
    title: 'Claude Code',
    file: (scope, { home, project }) =>
      scope === 'user' ? path.join(home, '.claude.json') : path.join(project, '.mcp.json'),
    next: 'See it with: claude mcp list',
  },
  codex: {
    title: 'Codex',
    file: (scope, { home, project, codexHome }) =>
      scope === 'user'
        ? path.join(codexHome ?? path.join(home, '.codex'), 'config.toml')
        : path.join(project, '.codex', 'config.toml'),
    put: (text, name, reach) =>
      setInToml(
        text,
        ['mcp_servers', name],
        'url' in reach
          ? { url: reach.url, http_headers: { Authorization: bearer(reach.token) } }
          : { command: reach.command, args: reach.args },
      ),
    get: (text, name) => getFromToml(text, ['mcp_servers', name]),
    next: 'See it with: codex mcp list',
  },
  vscode: {
    ...jsonFile('servers', (reach) =>
      'url' in reach
        ? { type: 'http', url: reach.url, headers: { Authorization: bearer(reach.token) } }
        : { type: 'stdio', command: reach.command, args: reach.args },
    ),
    title: 'VS Code',
    file: (scope, places) =>
      scope === 'user'
        ? path.join(codeDirectory(places), 'User', 'mcp.json')
        : path.join(places.project, '.vscode', 'mcp.json'),
    next: 'Start it with the command "MCP: List Servers" of VS Code.',
  },
  cursor: {
    ...jsonFile('mcpServers', (reach) =>
      'url' in reach
        ? { url: reach.url, headers: { Authorization: bearer(reach.token) } }
        : { command: reach.command, args: reach.args },
    ),
    title: 'Cursor',
    file: (scope, { home, project }) => path.join(scope === 'user' ? home : project, '.cursor', 'mcp.json'),
    next: 'Switch it on under Settings, MCP.',
  },
};

function jsonFile(root: string, entryOf: (reach: Reach) => Entry): Pick<Client, 'put' | 'get'> {
  return {
    put: (text, name, reach) => setInJsonc(text, [root, name], entryOf(reach)),
    get: (text, name) => getFromJsonc(text, [root, name]),
  };
}

function codeDirectory({ home, platform, appData }: Places): string {
  if (platform === 'darwin') return path.join(home, 'Library', 'Application Support', 'Code');
  if (platform === 'win32') return path.join(appData ?? path.join(home, 'AppData', 'Roaming'), 'Code');
  return path.join(home, '.config', 'Code');
}
