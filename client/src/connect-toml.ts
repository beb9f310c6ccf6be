import { badInput } from './error.ts';

type Table = Readonly<Record<string, unknown>>;

/**
 * Puts a table, such as `[mcp_servers.tutti]`, into a TOML text: in the place of the one of that name and its sub-tables,
 * or at the end. Every other line stays as it is; the result is read again to prove it.
 */
export async function setInToml(text: string, path: readonly [string, string], table: Table): Promise<string> {
  const before = await parse(text);
  const [parent, name] = path;
  const newline = text.includes('\r\n') ? '\r\n' : '\n';
  const entry = [`[${parent}.${name}]`, ...Object.entries(table).map(([key, value]) => `${key} = ${literal(value)}`)];
  const own = ownLines(text, path);
  const lines = text.split(/\r?\n/);
  const result =
    own.length > 0
      ? lines.flatMap((line, at) => (at === own[0] ? entry : own.includes(at) ? [] : [line]))
      : [
          ...lines
            .join('\n')
            .trimEnd()
            .split('\n')
            .filter((line, at) => at > 0 || line !== ''),
          ...gap(text),
          ...entry,
          '',
        ];
  const made = result.join(newline);
  const after = await parse(made);
  const expected = { ...before, [parent]: { ...tableAt(before, parent), [name]: table } };
  if (!same(after, expected)) {
    throw badInput(
      `The file has ${parent}.${name} in a form that cannot be replaced safely.`,
      `Remove ${name} from it by hand, then try again.`,
    );
  }
  return made;
}

export async function getFromToml(text: string, [parent, name]: readonly [string, string]): Promise<unknown> {
  return tableAt(await parse(text), parent)[name];
}

async function parse(text: string): Promise<Table> {
  const toml = await import('smol-toml');
  try {
    return toml.parse(text);
  } catch (error) {
    const [sentence] = (error as Error).message.split('\n');
    throw badInput(`The file is no TOML that can be read: ${sentence}`, 'Correct or remove it, then try again.');
  }
}

/** The numbers of the lines of a table and its sub-tables, without the blank ones and comments before the next table. */
function ownLines(text: string, path: readonly string[]): number[] {
  const own: number[] = [];
  let inside = false;
  let pending: number[] = [];
  for (const { line, at, header } of walk(text)) {
    if (header) inside = path.every((word, index) => header[index] === word);
    if (header) pending = [];
    if (!inside) continue;
    if (/^\s*(#|$)/.test(line) && !header) {
      pending.push(at);
      continue;
    }
    own.push(...pending, at);
    pending = [];
  }
  return own;
}

/** The lines of a text; `header` is the path of a table that begins there, never something inside a string or an array. */
function* walk(text: string): Generator<{ line: string; at: number; header?: string[] }> {
  let open: string | undefined;
  let depth = 0;
  for (const [at, line] of text.split(/\r?\n/).entries()) {
    const header = open === undefined && depth === 0 ? headerOf(line) : undefined;
    yield header ? { line, at, header } : { line, at };
    if (header) continue;
    for (const [token] of line.matchAll(/"""|'''|\\.|["'#[\]{}]/g)) {
      if (open !== undefined) {
        if (token === open) open = undefined;
      } else if (token === '#') break;
      else if (/["']/.test(token)) open = token;
      else depth += token === '[' || token === '{' ? 1 : token === ']' || token === '}' ? -1 : 0;
    }
    if (open?.length === 1) open = undefined;
  }
}

function headerOf(line: string): string[] | undefined {
  const inner = /^\s*\[{1,2}\s*([^\]]+?)\s*\]{1,2}\s*(#.*)?$/.exec(line)?.[1];
  return inner?.match(/"(?:[^"\\]|\\.)*"|'[^']*'|[^.\s]+/g)?.map((word) => word.replace(/^(["'])(.*)\1$/, '$2'));
}

/** A blank line between what is there and what is added. */
function gap(text: string): string[] {
  return text.trim() === '' ? [] : [''];
}

function literal(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(literal).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  return `{ ${Object.entries(value)
    .map(([key, inner]) => `${/^[\w-]+$/.test(key) ? key : JSON.stringify(key)} = ${literal(inner)}`)
    .join(', ')} }`;
}

function tableAt(table: Table, key: string): Table {
  const found = table[key];
  return typeof found === 'object' && found !== null ? (found as Table) : {};
}

/** Whether two tables say the same, in whatever order. */
function same(a: unknown, b: unknown): boolean {
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return Object.is(a, b);
  if (a instanceof Date || b instanceof Date) return String(a) === String(b);
  const keys = Object.keys(a);
  if (keys.length !== Object.keys(b).length) return false;
  return keys.every((key) => Object.hasOwn(b, key) && same((a as Table)[key], (b as Table)[key]));
}
