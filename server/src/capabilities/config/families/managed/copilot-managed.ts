import type { FamilyFacts } from '../family.ts';
import { closed, published } from '../schema-parts.ts';
import { exactly, identity, lists, matcherSchema, policyExpresses } from './matchers.ts';

const schema = closed({ allowedMcpServers: matcherSchema }, { deniedMcpServers: matcherSchema });

export const copilotManaged: FamilyFacts = {
  client_id: 'copilot-managed',
  title: 'GitHub Copilot, managed settings',
  form: 'neutral',
  format: 'json',
  schemas: [published('copilot-managed', '1.0.0', '*', schema)],
  evidence: 'vendor-docs',
  notes: [
    'Holds for the CLI, VS Code and JetBrains, not for the cloud agent.',
    'Several sources allow what all of them allow and deny what any of them denies; a malformed list blocks all.',
    'Copilot CLI 1.0.102 without an account did not apply the file.',
    'Servers are matched by their whole command or address, never by name.',
  ],
  expresses: policyExpresses,
  identity,
  targets: [
    '/etc/github-copilot/managed-settings.json',
    '/Library/Application Support/GitHubCopilot/managed-settings.json',
    '%ProgramFiles%\\GitHubCopilot\\managed-settings.json',
  ],
  dialect: exactly,
  document: lists,
};
