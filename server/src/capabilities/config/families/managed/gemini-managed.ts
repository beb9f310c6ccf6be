import { geminiCli, geminiEntry, geminiServers } from '../clients/gemini-cli.ts';
import { byName } from '../entries.ts';
import type { FamilyFacts } from '../family.ts';
import { closed, published, texts } from '../schema-parts.ts';

const schema = closed({ mcpServers: geminiServers, mcp: closed({ allowed: texts }, { excluded: texts }) });

export const geminiManaged: FamilyFacts = {
  ...geminiCli,
  client_id: 'gemini-managed',
  title: 'Gemini CLI, settings of a machine',
  schemas: [published('gemini-managed', '1.0.0', '>=0.61.0', schema)],
  evidence: 'real-client',
  notes: [
    'It allows by name alone, so the servers stand here as well: the settings of a machine come before those of a user.',
    'Gemini CLI ignores the file when somebody else may write to one of the folders above it.',
    'admin.mcp, with an allow list of its own, is set remotely and not here.',
  ],
  targets: ['/etc/gemini-cli/settings.json', 'the file that GEMINI_CLI_SYSTEM_SETTINGS_PATH names'],
  document: (servers) => {
    const names = (enabled: boolean) => servers.filter((one) => one.enabled === enabled).map(({ name }) => name);
    const [allowed, excluded] = [names(true), names(false)];
    return {
      mcpServers: byName(servers, geminiEntry),
      mcp: { allowed, ...(excluded.length > 0 ? { excluded } : {}) },
    };
  },
};
