// Writes client/src/tools.ts, the types of every tool, from the catalogue: node scripts/generate-client-types.ts
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { compile } from 'json-schema-to-typescript';

const catalogue = new URL('../server/catalog/', import.meta.url);
const target = new URL('../client/src/tools.ts', import.meta.url);

const header = `// Made from server/catalog by scripts/generate-client-types.ts; run it again instead of changing this file.
`;

interface Face {
  readonly name: string;
  readonly description: string;
  readonly inputSchema: object;
  readonly outputSchema: object;
}

/** The text of client/src/tools.ts as the catalogue wants it now. */
export async function generateClientTypes(): Promise<string> {
  const faces = readdirSync(catalogue)
    .filter((file) => file.endsWith('.json'))
    .sort()
    .map((file): Face => JSON.parse(readFileSync(new URL(file, catalogue), 'utf8')));
  const members = faces.map(
    ({ name }) => `  ${name}: { input: ${typeName(name)}Input; output: ${typeName(name)}Output };`,
  );
  const types: string[] = [];
  for (const face of faces) {
    types.push(await toTypes(face.inputSchema, `${typeName(face.name)}Input`));
    types.push(await toTypes(face.outputSchema, `${typeName(face.name)}Output`));
  }
  return `${header}
/** Every tool by its name. */
export interface Tools {
${members.join('\n')}
}

${types.join('\n')}`;
}

async function toTypes(schema: object, name: string): Promise<string> {
  // An empty interface would take anything at all.
  if (isEmpty(schema)) return `export type ${name} = Record<string, never>;\n`;
  return compile(schema, name, {
    bannerComment: '',
    ignoreMinAndMaxItems: true,
    style: { printWidth: 120, singleQuote: true, trailingComma: 'all' },
  });
}

function isEmpty({ properties = {}, additionalProperties }: { properties?: object; additionalProperties?: unknown }) {
  return Object.keys(properties).length === 0 && additionalProperties === false;
}

/** `search_dataset` → `SearchDataset` */
function typeName(tool: string): string {
  return tool.replace(/(?:^|_)([a-z0-9])/g, (_, first: string) => first.toUpperCase());
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(target, await generateClientTypes());
