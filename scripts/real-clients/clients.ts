import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { conversation, type Place, said } from './processes.ts';

/** How the client is to reach Tutti. */
export type Way = 'http' | 'stdio';

/** What a client is checked with: a home of its own, and Tutti. */
export interface Round {
  /** The client's program. */
  readonly program: string;
  readonly place: Place & { readonly home: string };
  readonly way: Way;
  readonly url: string;
  /** Runs `tutti` with these words. */
  tutti(...words: readonly string[]): Promise<string>;
  /** A token of the client's own. */
  token(): Promise<string>;
  /** The command that a client starts: `tutti mcp …`. */
  readonly command: readonly string[];
}

export interface RealClient {
  readonly title: string;
  readonly package: string;
  readonly bin: string;
  /** Writes Tutti's entry, by `tutti connect` where it knows the client. */
  write(round: Round): Promise<unknown>;
  /** What the client itself says of its servers. It asks nobody to log in. */
  list(round: Pick<Round, 'program' | 'place'>): Promise<string>;
  /** What stands there only when it is connected to Tutti. */
  readonly connected: RegExp;
}

/** Keeps the clients from looking for updates, reporting home, and colouring what they say. */
export const quiet: Readonly<Record<string, string>> = {
  CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
  COPILOT_AUTO_UPDATE: 'false',
  DISABLE_AUTOUPDATER: '1',
  DISABLE_TELEMETRY: '1',
  NO_COLOR: '1',
  OPENCODE_DISABLE_AUTOUPDATE: '1',
};

const bearer = async (round: Round) => `Authorization: Bearer ${await round.token()}`;
const connect = (name: string) => (round: Round) =>
  round.tutti('connect', name, '--apply', ...(round.way === 'stdio' ? ['--stdio'] : []));

export const clients: readonly RealClient[] = [
  {
    title: 'Claude Code',
    package: '@anthropic-ai/claude-code',
    bin: 'claude',
    write: connect('claude-code'),
    list: ({ program, place }) => said(program, ['mcp', 'list'], place),
    connected: /^tutti: .*✔ Connected/m,
  },
  {
    title: 'Codex',
    package: '@openai/codex',
    bin: 'codex',
    write: connect('codex'),
    // `codex mcp list` reads the file alone; its app server connects.
    list: ({ program, place }) =>
      conversation(program, ['app-server'], place, 'lines', async (ask, tell) => {
        await ask('initialize', { clientInfo: { name: 'tutti-test', version: '1' } });
        tell('initialized');
        const { data } = await ask('mcpServerStatus/list', {});
        return data
          .map(
            (one: { name: string; serverInfo?: { title?: string }; tools?: object }) =>
              `${one.name}: ${one.serverInfo?.title}, ${Object.keys(one.tools ?? {}).length} tools`,
          )
          .join('\n');
      }),
    connected: /^tutti: Tutti, [1-9]\d* tools$/m,
  },
  {
    title: 'opencode',
    package: 'opencode-ai',
    bin: 'opencode',
    async write({ place, way, url, command, ...round }) {
      const headers = async () => ({ Authorization: `Bearer ${await round.token()}` });
      const entry =
        way === 'http' ? { type: 'remote', url, headers: await headers(), oauth: false } : { type: 'local', command };
      const file = path.join(place.home, '.config/opencode/opencode.json');
      mkdirSync(path.dirname(file), { recursive: true });
      writeFileSync(file, JSON.stringify({ autoupdate: false, mcp: { tutti: entry } }));
    },
    list: ({ program, place }) => said(program, ['mcp', 'list'], place),
    connected: /✓ tutti\s+connected/,
  },
  {
    title: 'Gemini CLI',
    package: '@google/gemini-cli',
    bin: 'gemini',
    async write(round) {
      const { program, place, way, url, command } = round;
      const add = ['mcp', 'add', '--scope', 'user'];
      const http = async () => ['--transport', 'http', '--header', await bearer(round), 'tutti', url];
      // Its own flags end at the command; what follows a flag of ours would be taken for its own without the --.
      const words = way === 'http' ? await http() : ['tutti', ...command.slice(0, 1), '--', ...command.slice(1)];
      await said(program, [...add, ...words], place);
      // It starts no server in a folder that nobody trusts.
      writeFileSync(
        path.join(place.home, '.gemini/trustedFolders.json'),
        JSON.stringify({ [place.cwd]: 'TRUST_FOLDER' }),
      );
    },
    list: ({ program, place }) => said(program, ['mcp', 'list'], place),
    connected: /^✓ tutti: .* - Connected/m,
  },
  {
    title: 'Copilot CLI',
    package: '@github/copilot',
    bin: 'copilot',
    async write(round) {
      const { program, place, way, url, command } = round;
      const http = async () => ['--transport', 'http', '--header', await bearer(round), 'tutti', url];
      await said(program, ['mcp', 'add', ...(way === 'http' ? await http() : ['tutti', '--', ...command])], place);
    },
    // `copilot mcp list` reads the file alone; a session connects.
    list: ({ program, place }) =>
      conversation(program, ['--headless', '--no-auto-update', '--stdio'], place, 'lengths', async (ask) => {
        const { sessionId } = await ask('session.create', { clientName: 'tutti-test' });
        for (;;) {
          const { servers } = await ask('session.mcp.list', { sessionId });
          const states = servers.map((one: { name: string; status: string }) => `${one.name}: ${one.status}`);
          if (!states.some((state: string) => state.endsWith(': pending'))) return states.join('\n');
          await sleep(100);
        }
      }),
    connected: /^tutti: connected$/m,
  },
];
