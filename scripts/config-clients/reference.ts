// Writes docs/config-clients.md, what is known of every client and what is lost in it, from the families: npm run docs
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { builtInFamilies, cannotExpress } from '../../server/src/capabilities/config/families/built-in.ts';
import type { BuiltInFamily } from '../../server/src/capabilities/config/families/family.ts';
import { table } from '../settings-reference.ts';

const target = new URL('../../docs/config-clients.md', import.meta.url);

const head = `# Clients

Made from \`server/src/capabilities/config/families/\` by \`npm run docs\`. \`list_clients\` answers the same.

A configuration is described once, neutrally, and rendered for each client in its own format. The \`text\` of an artifact is
what is to be written, to the letter; \`payload\` is what the client gets by parsing it. A released artifact names no file:
the places below are for people.

## Write it once

\`\`\`json
{
  "inputs": [{ "id": "GITHUB_TOKEN", "description": "A token of GitHub", "secret": true }],
  "servers": [
    {
      "name": "github",
      "transport": "http",
      "url": "https://api.githubcopilot.com/mcp/",
      "headers": { "Authorization": "Bearer \${input:GITHUB_TOKEN}" },
      "tools": { "allow": ["get_issue", "list_issues"] }
    },
    { "ref": "io.github.owner/files@1.2.0", "env": { "ROOT": "/srv/data" } }
  ]
}
\`\`\`

\`\${input:<id>}\` is the only variable. It becomes the client's own: \`\${GITHUB_TOKEN}\`, \`\${env:GITHUB_TOKEN}\`,
\`{env:GITHUB_TOKEN}\`, a prompt of VS Code, or the name of an environment variable where a client takes no other. Nothing
else ever becomes one: a text that a client would expand by itself, such as \`\${HOME}\`, is refused for that client, for
none of them has an escape to rely on. A \`ref\` names a server of the catalogue at an exact version; it may change the
name, \`env\`, \`tools\`, \`timeout_ms\` and \`enabled\`, never what runs.

## Know what is lost

Every loss is in the report, with a pointer into the draft. It is an **error** where the file would say something else than
was meant: a server that the client cannot reach, an input or a literal that it cannot be told, a directory that it would
ignore, a list of tools that it does not have, so that hidden tools would show. Nothing with an error is released: take the
server out of this client's draft, or write it otherwise. It is a **warning** where the client only knows less: a timeout, a
default, a server that is switched off and therefore left out. A description is no setting, and none is lost.

What stands under "cannot express" is machine-readable in \`list_clients\`. \`inputs.args\` means that no input can stand in an
argument, \`inputs.default\` that the client is not told a default.
`;

const evidence = `## Trust it as far as its evidence

| evidence           | what it rests on                                                                                         |
| ------------------ | -------------------------------------------------------------------------------------------------------- |
| \`real-client\`      | the client itself: it read what is rendered, and started and called what was meant, and nothing else     |
| \`published-schema\` | a schema, or the reader in the source, that its makers publish                                           |
| \`vendor-docs\`      | the documentation of its makers                                                                          |
| \`third-party\`      | what others found out                                                                                    |

\`npm run test:config-clients\` installs the five clients of the first kind from the npm registry and renders for them what is
hardest to get through: quotes, backslashes, texts that look like the variables of others, inputs in every place. It compares
what each server was started with, or called with, to what was meant: with Claude Code 2.1.330, Codex 0.169.0, Copilot CLI
1.0.102, Gemini CLI 0.61.0 and opencode 1.18.33 nothing differed. For policies it sets up more
servers than are allowed and looks at which are started. It is in no tier, for it needs 1.3 GB.

A schema is served for good at \`/schemas/<client>/<version>\`. It describes what is rendered and is closed: keys that would
switch off what protects the user, such as \`autoApprove\`, \`trust\`, \`hooks\`, are in none.
`;

const foot = `## Recap

- One neutral description; each client gets its own format, or an error that says why not.
- Only inputs become variables.
- A policy matches what a server runs or where it is; where a client only knows names, the report or its entry here says so.
`;

/** The text of docs/config-clients.md as the families want it now. */
export function clientsReference(): string {
  const policy = ({ capabilities }: BuiltInFamily) => capabilities.includes('policy');
  const clients = builtInFamilies.filter((family) => !policy(family));
  const policies = builtInFamilies.filter(policy);
  return [
    head,
    evidence,
    `## Clients\n\n${table(['client', 'title', 'format', 'evidence', 'cannot express'], clients.map(row))}`,
    `## Policies of clients

Here the servers of a configuration are what is allowed, and those switched off what is denied. No input stands in a policy, which compares values.

${table(['client', 'title', 'format', 'evidence', 'cannot express'], policies.map(row))}`,
    `## What to know of each\n\n${builtInFamilies.map(details).join('\n')}`,
    foot,
  ].join('\n');
}

function row(family: BuiltInFamily): string[] {
  const { client_id, title, format, evidence: rests } = family;
  // What else stands in a server is no part of a policy that identifies it, and not lost.
  const part = (feature: string) => !family.identity || /^transport|^tools/.test(feature);
  const cannot = cannotExpress(family).filter((feature) => feature !== 'description' && part(feature));
  return [code(client_id), title, format, rests, cannot.map(code).join(', ')];
}

function details({ client_id, title, notes, targets, schemas }: BuiltInFamily): string {
  const places = targets.map((one) => (/^[^ ]*[\\/][^(]*$/.test(one) ? code(one) : one)).join(', ');
  const versions = schemas.map(({ schema_ref, version_range }) => {
    return `- Schema ${code(schema_ref)}${version_range === '*' ? '' : `, for versions ${code(version_range)}`}.`;
  });
  const lines = [...notes.map((note) => `- ${coded(note)}`), `- Kept in ${places}.`, ...versions];
  return `### ${title} (\`${client_id}\`)\n\n${lines.join('\n')}\n`;
}

/** Variables within a sentence as code. */
function coded(note: string): string {
  return note.replace(/\$\{.*?\}+/g, code).replace(/\b[a-z]+_[a-z_]+\b|\b[a-z]+[A-Z]\w+\b|\[".*?"\]/g, code);
}

function code(text: string): string {
  return `\`${text}\``;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(target, clientsReference());
