/** A piece of a text: what stands there, or the input whose value goes there. */
export type Part = { readonly literal: string } | { readonly input: string };

const reference = /\$\{input:([A-Za-z][A-Za-z0-9_-]{0,62})\}/g;

/** The pieces of a neutral text. All but `${input:<id>}` is literal, other signs of a variable included. */
export function partsOf(text: string): Part[] {
  const parts: Part[] = [];
  let from = 0;
  for (const found of text.matchAll(reference)) {
    if (found.index > from) parts.push({ literal: text.slice(from, found.index) });
    parts.push({ input: found[1] ?? '' });
    from = found.index + found[0].length;
  }
  if (from < text.length) parts.push({ literal: text.slice(from) });
  return parts;
}

/** Every input that the texts of a value name, and where. */
export function inputsIn(value: unknown, path: readonly PropertyKey[] = []): { path: PropertyKey[]; id: string }[] {
  if (typeof value === 'string')
    return partsOf(value).flatMap((part) => ('input' in part ? [{ path: [...path], id: part.input }] : []));
  if (typeof value !== 'object' || value === null) return [];
  const members = Array.isArray(value) ? value.map((item, at) => [at, item] as const) : Object.entries(value);
  return members.flatMap(([key, member]) => inputsIn(member, [...path, key]));
}
