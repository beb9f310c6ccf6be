import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
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
  [
    'a stack',
    /(?:\n|\\n) +at |\bat (?:async )?[\w.<>[\] ]+ \((?:file:|node:|<|\/)|node:internal|\.[mc]?[jt]s:\d+|node_modules\//,
  ],
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
/** Paths within containers, of which the public description of the tools speaks. */
const publicPaths = readPublicPaths();
const sentPaths = hostileTexts.flatMap((text) => text.match(machinePath) ?? []);

/**
 * What an answer gives away, each in a few words. `sent` is all that the request held: what a caller said himself is no
 * leak, nor is a hostile text that an earlier request left in a dataset.
 */
export function findLeaks(answer: string, sent: string, { values, paths, declared }: Secrets): string[] {
  const found = [...values].filter(([, value]) => answer.includes(value)).map(([name]) => `holds ${name}`);
  for (const one of paths) if (answer.includes(one) && !sent.includes(one)) found.push(`holds the path ${one}`);
  const own = answer.replaceAll(engineText, '');
  for (const [name, form] of forms) {
    const match = form.exec(own)?.[0];
    if (match !== undefined && !sent.includes(match))
      found.push(`holds ${name}: ${JSON.stringify(match.slice(0, 80))}`);
  }
  const unknown = publicPaths.reduce((text, one) => text.replaceAll(one, ''), answer.replaceAll(declared, ''));
  const strange = (unknown.match(machinePath) ?? []).find(
    (one) => !sent.includes(one) && !sentPaths.some((known) => one.startsWith(known)),
  );
  if (strange !== undefined) found.push(`holds a path of the machine: ${strange}`);
  return found;
}

/** The longest first, for one may begin like another. */
function readPublicPaths(): string[] {
  const directory = path.join(import.meta.dirname, '../../catalog');
  const faces = readdirSync(directory).map((file) => readFileSync(path.join(directory, file), 'utf8'));
  const whole = /(?<![\w.~-])\/(?:bin|etc|home|lib|opt|usr|var|run|srv|tmp)(?:\/[\w-]+(?:\.[\w-]+)*)+/g;
  return [...new Set(faces.flatMap((face) => face.match(whole) ?? []))].sort((a, b) => b.length - a.length);
}
