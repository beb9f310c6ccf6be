// biome-ignore-all lint/suspicious/noTemplateCurlyInString: inputs and variables of clients, not of ours
import { type NeutralConfig, parseNeutral } from '../../../src/capabilities/config/families/neutral.ts';

/** All that the neutral form has, which no client can express, and two servers that most of them can. */
export const everything: NeutralConfig = read({
  inputs: [
    { id: 'GITHUB_TOKEN', description: 'A token of GitHub', secret: true },
    { id: 'data-dir', env: 'DATA_DIR', default: '/srv/data' },
  ],
  servers: [
    {
      name: 'files',
      transport: 'stdio',
      command: 'npx',
      args: ['-y', '@modelcontextprotocol/server-filesystem@2026.8.31', '${input:data-dir}'],
      cwd: '/srv',
      env: { LEVEL: 'no', DATA_DIR: '${input:data-dir}' },
      tools: { deny: ['write_file'] },
      timeout_ms: 1500,
      description: 'Files of the project',
    },
    {
      name: 'github',
      transport: 'http',
      url: 'https://api.githubcopilot.com/mcp/',
      headers: { Authorization: 'Bearer ${input:GITHUB_TOKEN}', 'X-MCP-Readonly': 'true' },
      tools: { allow: ['get_issue', 'list_issues'] },
    },
    { name: 'events', transport: 'sse', url: 'https://events.example.com/sse', enabled: false },
    {
      name: 'issues',
      transport: 'http',
      url: 'https://issues.example.com/mcp',
      headers: { Authorization: 'Bearer ${input:GITHUB_TOKEN}' },
    },
    { name: 'data', transport: 'stdio', command: 'uvx', args: ['d@1.2.0'], env: { DATA_DIR: '${input:data-dir}' } },
    { name: 'time', transport: 'stdio', command: 'uvx', args: ['mcp-server-time@2026.8.1'], env: { TZ: 'no' } },
    { name: 'wiki', transport: 'http', url: 'https://wiki.example.com/mcp', headers: { 'X-Team': '1.10' } },
  ],
});

/** A configuration as a draft has it. */
export function read(value: unknown): NeutralConfig {
  const { config, problems } = parseNeutral(value);
  if (!config) throw new Error(JSON.stringify(problems));
  return config;
}
