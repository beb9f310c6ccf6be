import type { FamilyFacts } from '../family.ts';
import { closed, oneOfTexts, published } from '../schema-parts.ts';
import { exactly, identity, matcherSchema, matchersOf, policyExpresses } from './matchers.ts';

const schema = closed(
  { 'chat.mcp.access': oneOfTexts('all', 'none'), 'chat.mcp.allowedServers': matcherSchema },
  { 'chat.mcp.deniedServers': matcherSchema },
);

export const vscodePolicy: FamilyFacts = {
  client_id: 'vscode-policy',
  title: 'VS Code, policies',
  form: 'neutral',
  format: 'json',
  schemas: [published('vscode-policy', '1.0.0', '>=1.109.3', schema)],
  evidence: 'published-schema',
  notes: [
    'Settings by their names; the policies of a device call them ChatMCP, ChatAllowedMcpServers and ChatDeniedMcpServers.',
    'Servers are matched by their whole command or address, never by name.',
  ],
  expresses: policyExpresses,
  identity,
  targets: ['Device management (Group Policy, Intune, a macOS profile)', '/etc/vscode/policy.json'],
  dialect: exactly,
  document: (servers) => {
    const allowed = matchersOf(servers, true);
    const denied = matchersOf(servers, false);
    return {
      'chat.mcp.access': allowed.length > 0 ? 'all' : 'none',
      'chat.mcp.allowedServers': allowed,
      ...(denied.length > 0 ? { 'chat.mcp.deniedServers': denied } : {}),
    };
  },
};
