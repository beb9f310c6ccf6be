/** The family of each client, and where in a home it reads our text. */
export const files: Readonly<Record<string, readonly [family: string, file: string]>> = {
  claude: ['claude-code', '.claude.json'],
  codex: ['codex', '.codex/config.toml'],
  opencode: ['opencode', '.config/opencode/opencode.json'],
  gemini: ['gemini-cli', '.gemini/settings.json'],
  copilot: ['copilot-cli', '.copilot/mcp-config.json'],
};
