import { type Hardening, hardenDocument } from './harden.ts';
import { interpolate } from './interpolate.ts';
import { type CheckedDocument, type ComposePolicy, checkDocument } from './policy.ts';
import { readYaml, writeYaml } from './read-yaml.ts';
import { readDocument } from './schema.ts';

/** A template's document with its values in place. */
export interface Source {
  readonly text: string;
  readonly values: Readonly<Record<string, string>>;
  readonly policy: ComposePolicy;
}

/** Reads a document and checks it by schema and policy, before compose sees anything of it. Throws Refused. */
export function checkSource({ text, values, policy }: Source): CheckedDocument {
  return checkDocument(readDocument(interpolate(readYaml(text), values)), policy);
}

/**
 * From a template to the document that is run. Compose itself resolves what was checked, and what it makes of it is checked in
 * the same way again: its reading counts, for it is what runs. Throws Refused, and what `resolve` throws.
 */
export async function resolveDocument(
  source: Source,
  hardening: Hardening,
  resolve: (text: string) => Promise<string>,
): Promise<{ readonly text: string; readonly document: CheckedDocument }> {
  const { text, values, policy } = source;
  const read = readDocument(interpolate(readYaml(text), values));
  checkDocument(read, policy);
  // In our own writing: no other reader of YAML sees the author's.
  const resolved = await resolve(writeYaml(read));
  // What is a variable in it now was none before: refused, as there are no values left.
  const document = checkDocument(readDocument(interpolate(readYaml(resolved), {})), policy);
  return { text: writeYaml(hardenDocument(document, hardening)), document };
}
