import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import type { JsonSchema } from '../src/core/catalogue.ts';
import { toolsets } from '../src/core/tool.ts';
import { toListed } from '../src/surfaces/listed-face.ts';
import { fullCatalogue } from './support/catalogue.ts';

const { faces } = fullCatalogue();
const directory = path.join(import.meta.dirname, '../catalog');
/** What of configurations is kept apart, whatever its effect. */
const duties = ['config:publish', 'config:approve', 'config:audit', 'config:policy'];
const capabilities = path.join(import.meta.dirname, '../src/capabilities');

/** `UPDATE_CATALOG=1 npm test` writes the files anew: the diff is what callers will see. */
test('the committed catalogue is the public face of the tools', () => {
  const texts = new Map(faces.map((face) => [`${face.name}.json`, `${JSON.stringify(face, null, 2)}\n`]));
  const committed = readdirSync(directory);
  if (process.env.UPDATE_CATALOG) {
    for (const file of committed) rmSync(path.join(directory, file));
    for (const [file, text] of texts) writeFileSync(path.join(directory, file), text);
  }
  expect(readdirSync(directory).sort()).toEqual([...texts.keys()].sort());
  for (const [file, text] of texts) expect(readFileSync(path.join(directory, file), 'utf8'), file).toBe(text);
});

test('every tool file is registered under its own name', () => {
  const files = readdirSync(capabilities, { recursive: true })
    .map(String)
    .filter((file) => /\/tools\/[a-z0-9_]+\.ts$/.test(file))
    .map((file) => path.basename(file, '.ts'));
  expect(files.sort()).toEqual(faces.map((face) => face.name).sort());
});

test.each(faces.map((face) => [face.name, face] as const))('%s keeps the rules of the catalogue', (_name, face) => {
  expect(face.name).toMatch(/^[a-z][a-z0-9_]{2,63}$/);
  expect(toolsets).toContain(face.toolset);
  expect(['read', 'write', 'destroy']).toContain(face.effect);
  // What a tool that calls others needs beyond reading is asked of the tool that it calls.
  const scope = `${face.toolset}:${face.dispatches ? 'read' : face.effect}`;
  expect(face.toolset === 'config' ? [scope, ...duties] : [scope]).toContain(face.scope);
  expect(face.annotations.readOnlyHint && face.annotations.destructiveHint).toBe(false);
  expect(face.annotations.readOnlyHint).toBe(face.effect === 'read');
  expect(face.description).toMatch(/^Tutti\b/);
  expect(Buffer.byteLength(face.description)).toBeLessThan(2048);
  expect(face.inputSchema).toMatchObject({ type: 'object', additionalProperties: false });
  for (const union of ['anyOf', 'oneOf', 'allOf']) {
    expect(face.inputSchema).not.toHaveProperty(union);
    expect(face.outputSchema).not.toHaveProperty(union);
  }
  expect('idempotency_key' in properties(face.inputSchema)).toBe(face.effect !== 'read' && !face.dispatches);
  expect(undescribed(face.inputSchema), 'input fields without description').toEqual([]);
  expect(undescribed(face.outputSchema), 'output fields without description').toEqual([]);
  expect(closed(face.outputSchema), 'outputs stay open').toEqual([]);
});

test('an output never fixes the set of states or kinds', () => {
  const fixed = faces.filter((face) => JSON.stringify(face.outputSchema).includes('"enum"'));
  expect(fixed.map((face) => face.name)).toEqual([]);
});

test.each(fullCatalogue().faces.flatMap(({ name, examples = [] }) => examples.map((one) => [name, one] as const)))(
  'an example of %s is a call that the tool takes and an answer that it gives',
  (name, { input, output }) => {
    const tool = fullCatalogue().find(name)?.tool;
    expect(tool?.input.safeParse(input)).toMatchObject({ success: true });
    expect(tool?.output.safeParse(output)).toMatchObject({ success: true });
    expect(undeclared(faces.find((face) => face.name === name)?.outputSchema ?? {}, output)).toEqual([]);
  },
);

test('an alias leads to the tool that was renamed', () => {
  const catalogue = fullCatalogue();
  for (const face of faces) {
    for (const name of [face.name, ...face.aliases]) expect(catalogue.find(name)?.face.name).toBe(face.name);
  }
});

test('a rename leaves an alias: every name that was ever released leads to a tool', () => {
  const file = path.join(import.meta.dirname, 'fixtures/released-tools.txt');
  const released = readFileSync(file, 'utf8').split('\n').filter(Boolean);
  const added = faces.map((face) => face.name).filter((name) => !released.includes(name));
  if (process.env.UPDATE_CATALOG) writeFileSync(file, [...released, ...added, ''].join('\n'));
  else expect(added, 'new tools: UPDATE_CATALOG=1 notes them down').toEqual([]);
  const catalogue = fullCatalogue();
  expect(released.filter((name) => !catalogue.find(name))).toEqual([]);
});

test('the default endpoint stays small', () => {
  const common = faces.filter((face) => face.common);
  expect(common.length).toBeLessThanOrEqual(30);
  expect(Buffer.byteLength(JSON.stringify(common.map((face) => toListed(face, { brief: true }))))).toBeLessThan(60_000);
});

function properties(schema: JsonSchema): Record<string, JsonSchema> {
  return (schema.properties ?? {}) as Record<string, JsonSchema>;
}

/** Paths of fields without a description, through nested objects and lists. */
function undescribed(schema: JsonSchema, at = ''): string[] {
  const own = Object.entries(properties(schema)).flatMap(([name, field]) => [
    ...(typeof field.description === 'string' && field.description.length > 2 ? [] : [`${at}${name}`]),
    ...undescribed(field, `${at}${name}.`),
  ]);
  return [...own, ...nested(schema).flatMap((inner) => undescribed(inner, at))];
}

/** Fields of an example's answer that the schema does not name. */
function undeclared(schema: JsonSchema, value: unknown, at = ''): string[] {
  if (Array.isArray(value)) return value.flatMap((item) => undeclared((schema.items ?? {}) as JsonSchema, item, at));
  if (typeof value !== 'object' || value === null || schema.properties === undefined) return [];
  return Object.entries(value).flatMap(([name, member]) => {
    const field = properties(schema)[name];
    return field ? undeclared(field, member, `${at}${name}.`) : [`${at}${name}`];
  });
}

function closed(schema: JsonSchema, at = ''): string[] {
  const own = schema.additionalProperties === false ? [at || '.'] : [];
  const inner = Object.entries(properties(schema)).flatMap(([name, field]) => closed(field, `${at}.${name}`));
  return [...own, ...inner, ...nested(schema).flatMap((item) => closed(item, `${at}[]`))];
}

function nested(schema: JsonSchema): JsonSchema[] {
  const lists = ['anyOf', 'oneOf', 'allOf'].flatMap((key) => (schema[key] ?? []) as JsonSchema[]);
  return [...lists, ...(schema.items ? [schema.items as JsonSchema] : [])];
}
