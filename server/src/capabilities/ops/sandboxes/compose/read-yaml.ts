import { parseDocument } from 'yaml';

/** What is wrong with a document, and where: `services.web.ports.0`. */
export interface Issue {
  readonly path: string;
  readonly message: string;
}

/** A document that is not taken, with the reasons. */
export class Refused extends Error {
  readonly issues: readonly Issue[];

  constructor(issues: readonly Issue[]) {
    super(issues.map(({ path, message }) => `${path}: ${message}`).join('; '));
    this.issues = issues;
  }
}

const maxChars = 2 ** 20;
const maxAliases = 50;

/**
 * Reads one YAML document into plain values. What readers of YAML understand differently is refused: keys that are given twice, tags
 * of one's own, a second document, aliases that grow without end. A merge key stays a key, which no schema knows. Throws Refused.
 */
export function readYaml(text: string): unknown {
  if (text.length > maxChars) throw new Refused([{ path: '', message: `is longer than ${maxChars} characters` }]);
  // Not silent: that would also say nothing of a second document.
  const document = parseDocument(text, { version: '1.2', merge: false, uniqueKeys: true, logLevel: 'error' });
  const faults = [...document.errors, ...document.warnings];
  if (faults.length > 0) {
    throw new Refused(
      faults.slice(0, 10).map(({ code, linePos }) => ({
        path: linePos ? `line ${linePos[0].line}` : '',
        message: `is not the YAML that is taken here: ${code.toLowerCase().replaceAll('_', ' ')}`,
      })),
    );
  }
  try {
    return document.toJS({ maxAliasCount: maxAliases });
  } catch {
    throw new Refused([{ path: '', message: 'has too many aliases' }]);
  }
}

/**
 * Writes plain values as YAML that every reader of it understands alike: JSON in ASCII. Beyond the first plane YAML has an
 * escape of its own.
 */
export function writeYaml(value: unknown): string {
  const ascii = JSON.stringify(value, null, 2).replace(/[^\n\x20-\x7e]/gu, (char) => {
    const code = char.codePointAt(0) ?? 0;
    return code > 0xffff ? `\\U${code.toString(16).padStart(8, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`;
  });
  return `${ascii}\n`;
}
