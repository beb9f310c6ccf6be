import { hostileTexts } from './hostile.ts';

/** What must never be in an answer. */
export interface Secrets {
  /** Tokens, keys, planted values, by name: the name is what a finding says. */
  readonly values: ReadonlyMap<string, string>;
  /** Paths of the machine that no caller knows. */
  readonly paths: readonly string[];
  /** A directory that callers name. */
  readonly declared: string;
}

const forms: readonly (readonly [string, RegExp])[] = [
  ['a stack', /(?:\n|\\n) +at |\bat (?:async )?[\w.<>[\] ]+ \(|node:internal|\.[mc]?[jt]s:\d+|node_modules\//],
  [
    'words of the database',
    /syntax error at or near|violates [a-z-]+ constraint|duplicate key value|invalid (?:input syntax|byte sequence)|relation "[^"]*" does|current transaction is aborted|SQLSTATE|index row (?:size|requires)|out of range for type|bind message|DatabaseError|deadlock detected|canceling statement/,
  ],
  [
    'words of the runtime',
    /Cannot read propert|is not a function|is not iterable|Maximum call stack|ENOENT|EACCES|ENOTDIR|TypeError|RangeError/,
  ],
];
/** What the engine says of a caller's own SQL, told as data; inside a text block its quotes are escaped. */
const engineText = /untrusted\\?":true,\\?"source\\?":\\?"duckdb\\?",\\?"text\\?":\\?".{0,4000}?\\?"\}/gs;
const machinePath =
  /(?<![\w.~-])\/(?:bin|etc|home|lib|mnt|opt|private|proc|root|run|srv|sys|tmp|usr|var|Users)\/[\w.-]+/g;
const sentPaths = hostileTexts.flatMap((text) => text.match(machinePath) ?? []);

/**
 * What an answer gives away, each in a few words. `sent` is all that the request held: what a caller said himself is no
 * leak, nor is a hostile text that an earlier request left in a dataset.
 */
export function findLeaks(answer: string, sent: string, { values, paths, declared }: Secrets): string[] {
  const found = [...values].filter(([, value]) => answer.includes(value)).map(([name]) => `holds ${name}`);
  for (const path of paths) if (answer.includes(path) && !sent.includes(path)) found.push(`holds the path ${path}`);
  const own = answer.replaceAll(engineText, '');
  for (const [name, form] of forms) {
    const match = form.exec(own)?.[0];
    if (match !== undefined && !sent.includes(match))
      found.push(`holds ${name}: ${JSON.stringify(match.slice(0, 80))}`);
  }
  const strange = (answer.replaceAll(declared, '').match(machinePath) ?? []).find(
    (path) => !sent.includes(path) && !sentPaths.some((known) => path.startsWith(known)),
  );
  if (strange !== undefined) found.push(`holds a path of the machine: ${strange}`);
  return found;
}
