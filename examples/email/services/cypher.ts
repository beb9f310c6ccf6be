/** The part of Cypher that the graph understands: `MATCH (m:Email {category: 'urgent'}) RETURN m LIMIT 10`, also over one edge. */
export interface Pattern {
  readonly label: string | undefined;
  readonly properties: Readonly<Record<string, string | number>>;
}

export interface Query {
  readonly from: Pattern;
  /** Over an edge of that type to another node. */
  readonly edge?: { readonly type: string; readonly to: Pattern };
  /** Which of the two is answered. */
  readonly returns: 'from' | 'to';
  readonly limit: number;
}

const node = String.raw`\(\s*(\w*)\s*(?::\s*(\w+))?\s*(\{[^{}]*\})?\s*\)`;
const whole = new RegExp(
  String.raw`^\s*MATCH\s+${node}(?:\s*-\s*\[\s*:\s*(\w+)\s*\]\s*->\s*${node})?\s+RETURN\s+(\w+)(?:\s+LIMIT\s+(\d{1,4}))?\s*;?\s*$`,
  'i',
);
const property = /\s*(\w+)\s*:\s*(?:'([^']*)'|"([^"]*)"|(-?\d+(?:\.\d+)?))\s*(?:,|$)/y;

/** Throws with what it understands where a query is none of that. */
export function readQuery(text: string): Query {
  const found = text.length <= 2000 ? whole.exec(text) : null;
  if (!found) throw notUnderstood();
  const [, name = '', label, properties, type, otherName = '', otherLabel, otherProperties, wanted = '', limit] = found;
  const to = { label: otherLabel, properties: readProperties(otherProperties) };
  if (wanted !== name && (type === undefined || wanted !== otherName)) throw notUnderstood();
  return {
    from: { label, properties: readProperties(properties) },
    ...(type !== undefined && { edge: { type, to } }),
    returns: wanted === name ? 'from' : 'to',
    limit: Math.min(Number(limit ?? 100), 1000),
  };
}

function readProperties(text = '{}'): Pattern['properties'] {
  const inner = text.slice(1, -1).trim();
  const entries: [string, string | number][] = [];
  for (property.lastIndex = 0; property.lastIndex < inner.length; ) {
    const found = property.exec(inner);
    if (!found) throw notUnderstood();
    const [, name = '', single, double, number] = found;
    entries.push([name, single ?? double ?? Number(number)]);
  }
  return Object.fromEntries(entries);
}

function notUnderstood(): Error {
  return new Error(
    "Only MATCH (n:Label {name: 'value'}) RETURN n LIMIT 10, and MATCH (a:Label)-[:TYPE]->(b:Label) RETURN b, are understood.",
  );
}
