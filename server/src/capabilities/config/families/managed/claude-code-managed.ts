import type { FamilyFacts } from '../family.ts';
import { pointerOf } from '../neutral.ts';
import { closed, published, texts } from '../schema-parts.ts';
import { exactly, identity, lists, matcherSchema, policyExpresses } from './matchers.ts';

const schema = closed(
  { allowedMcpServers: matcherSchema, allowManagedMcpServersOnly: { const: true } },
  { deniedMcpServers: matcherSchema, permissions: closed({ deny: texts }) },
);

export const claudeCodeManaged: FamilyFacts = {
  client_id: 'claude-code-managed',
  title: 'Claude Code, managed settings',
  form: 'neutral',
  format: 'json',
  schemas: [published('claude-code-managed', '1.0.0', '>=2.0.0', schema)],
  evidence: 'real-client',
  notes: [
    'The servers of the configuration are the ones allowed; those switched off are denied, and deny wins.',
    'Servers are matched by their whole command or address, never by name.',
    'Tools are denied under the name that the server has here.',
  ],
  expresses: { ...policyExpresses, tools: { allow: false, deny: true } },
  identity,
  targets: [
    '/etc/claude-code/managed-settings.json',
    '/Library/Application Support/ClaudeCode/managed-settings.json',
    'C:\\ProgramData\\ClaudeCode\\managed-settings.json',
  ],
  dialect: exactly,
  document: (servers) => {
    const deny = servers.flatMap(({ name, tools }) => (tools.deny ?? []).map((tool) => `mcp__${name}__${tool}`));
    return {
      ...lists(servers),
      allowManagedMcpServersOnly: true,
      ...(deny.length > 0 ? { permissions: { deny } } : {}),
    };
  },
  losses: ({ servers }) =>
    servers.flatMap(({ tools }, at) =>
      tools?.deny
        ? [
            {
              pointer: pointerOf(['servers', at, 'tools', 'deny']),
              feature: 'tools.deny',
              why: 'Claude Code denies tools by the name of the server: who gives it another name is not held.',
              severity: 'warning',
            },
          ]
        : [],
    ),
};
