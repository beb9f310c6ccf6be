import { byName, said } from '../entries.ts';
import type { Dialect, FamilyFacts, JsonObject, WrittenServer } from '../family.ts';
import { closed, count, flag, link, published, serverMap, someText, text, textMap, texts } from '../schema-parts.ts';

const common = { enabled: flag, tool_timeout_sec: count, enabled_tools: texts, disabled_tools: texts };
const local = closed({ command: someText }, { args: texts, env: textMap, env_vars: texts, cwd: someText, ...common });
const remote = closed(
  { url: link },
  { bearer_token_env_var: text, http_headers: textMap, env_http_headers: textMap, ...common },
);

/** It expands nothing, so every literal is safe; values come by the names of environment variables. */
const codexDialect: Dialect = {
  expands: undefined,
  forwards: 'env-and-headers',
  refusal: 'Codex passes an input on whole and by name: as the environment variable that it is, or as a header.',
};

export const codex: FamilyFacts = {
  client_id: 'codex',
  title: 'Codex',
  form: 'neutral',
  format: 'toml',
  schemas: [published('codex', '1.0.0', '>=0.100.0', closed({ mcp_servers: serverMap(local, remote) }))],
  evidence: 'real-client',
  notes: [
    'Table mcp_servers; one bad entry and Codex refuses the whole file.',
    'An input is passed on by its name: an environment variable of the same name, a whole header, or a bearer token.',
    'Fields of the other transport, and a literal bearer_token, are errors.',
  ],
  expresses: {
    transports: ['stdio', 'http'],
    inputs: ['env', 'headers'],
    defaults: false,
    cwd: true,
    timeout: 's',
    enabled: true,
    tools: { allow: true, deny: true },
    description: false,
  },
  targets: ['~/.codex/config.toml', '<project>/.codex/config.toml (trusted projects)', '/etc/codex/config.toml'],
  dialect: codexDialect,
  document: (servers) => ({ mcp_servers: byName(servers, entryOf) }),
};

function entryOf(server: WrittenServer): JsonObject {
  const { forwarded, tools } = server;
  const way =
    server.transport === 'stdio'
      ? {
          command: server.command,
          args: server.args,
          env: server.env,
          env_vars: Object.values(forwarded.env),
          cwd: server.cwd,
        }
      : {
          url: server.url,
          bearer_token_env_var: forwarded.bearer,
          http_headers: server.headers,
          env_http_headers: forwarded.headers,
        };
  return said({
    ...way,
    enabled: server.enabled ? undefined : false,
    tool_timeout_sec: server.timeout,
    enabled_tools: tools.allow,
    disabled_tools: tools.deny,
  });
}
