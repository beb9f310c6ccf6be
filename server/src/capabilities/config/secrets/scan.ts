import { secretFound } from '../errors.ts';
import { findPaths } from '../policy/glob.ts';
import { formsOf } from './decode.ts';
import { entropyOf } from './entropy.ts';
import { type Leaf, leavesOf } from './leaves.ts';
import { type Found, ownFindings } from './own-rules.ts';
import { withoutReferences } from './references.ts';
import { type Allowlist, gitleaksRules, type SecretRule } from './rules.ts';

/** A value that looks like a secret. The secret itself is not in it. */
export interface Finding {
  /** RFC 6901. */
  readonly pointer: string;
  /** A rule of gitleaks, or one of our own. */
  readonly rule: string;
  /** At most its first four characters, and its length. */
  readonly excerpt: string;
}

export interface ScanOptions {
  /** Findings that are none, by pointer pattern and rule; `*` for any rule. */
  readonly ignore?: readonly { readonly path: string; readonly rule: string }[] | undefined;
}

const mostFindings = 100;
/** With so many the rest makes no difference. */
const enough = 1000;
/** Rules that guess; where a rule that knows found something, they add nothing. */
const guesses = ['generic-api-key', 'named-secret', 'authorization-header', 'high-entropy'];

/**
 * Looks for secrets in a JSON value: in every text and name, as it stands, decoded, and put together with its neighbours, by the rules
 * of gitleaks (of which patterns take linear time), by names, by addresses and by randomness.
 */
export function scanForSecrets(value: unknown, { ignore = [] }: ScanOptions = {}): Finding[] {
  const texts = leavesOf(value).flatMap((leaf) => formsOf(leaf.text).map((text) => ({ ...leaf, text })));
  const all = texts.map(({ text, key }) => `${key}\n${text}`.toLowerCase()).join('\n');
  const rules = gitleaksRules().rules.filter(({ keywords }) => hasAny(all, keywords));
  // Before anything is counted or told of another place: what is ignored must hide nothing.
  const isIgnored = ignoredPlaces(value, ignore);
  const found = new Map<string, Finding & { readonly secret: string }>();
  const certain = new Set<string>();
  const waived = new Map<string, string[]>();
  for (const leaf of texts) {
    if (found.size >= enough) break;
    const { pointer } = leaf;
    for (const { rule, secret } of [...vendored(leaf, rules), ...ownFindings(leaf)]) {
      if (isIgnored(rule, pointer)) waived.set(pointer, [...(waived.get(pointer) ?? []), secret]);
      else {
        const key = `${pointer} ${rule}`;
        if (!found.has(key)) found.set(key, { pointer, rule, excerpt: excerptOf(secret), secret });
        if (!guesses.includes(rule)) certain.add(pointer);
      }
    }
  }
  const known = ({ pointer, secret }: { readonly pointer: string; readonly secret: string }) =>
    certain.has(pointer) || waived.get(pointer)?.some((one) => one.includes(secret));
  return withoutJoined([...found.values()].filter((one) => !guesses.includes(one.rule) || !known(one)))
    .slice(0, mostFindings)
    .map(({ pointer, rule, excerpt }) => ({ pointer, rule, excerpt }));
}

function* vendored(leaf: Leaf, rules: readonly SecretRule[]): Generator<Found> {
  const text = leaf.key === '' ? leaf.text : `${leaf.key} = "${leaf.text}"`;
  const lower = text.toLowerCase();
  for (const rule of rules) {
    if (leaf.joined && guesses.includes(rule.id)) continue;
    if (!hasAny(lower, rule.keywords)) continue;
    const matcher = rule.pattern().matcher(text);
    while (matcher.find()) {
      const match = matcher.group(0) ?? '';
      const secret = secretOf(matcher, rule, match);
      const literal = withoutReferences(secret).trim() !== '';
      if (
        literal &&
        !(rule.entropy > 0 && entropyOf(secret) < rule.entropy) &&
        !isAllowed(rule, { secret, match, line: text })
      )
        yield { rule: rule.id, secret };
      if (match === '') break;
    }
  }
}

interface Groups {
  group(index: number): string | null;
  groupCount(): number;
}

function secretOf(matcher: Groups, { group }: SecretRule, match: string): string {
  if (group > 0) return matcher.group(group) ?? match;
  for (let at = 1; at <= matcher.groupCount(); at += 1) {
    const text = matcher.group(at);
    if (text) return text;
  }
  return match;
}

type Targets = Readonly<Record<Allowlist['target'], string>>;

function isAllowed({ allowed }: SecretRule, targets: Targets): boolean {
  return [gitleaksRules().allowed, ...allowed].some(({ target, patterns, stopwords, all }) => {
    const secret = targets.secret.toLowerCase();
    const byPattern = patterns().some((pattern) => pattern.matcher(targets[target]).find());
    const byWord = stopwords.some((word) => secret.includes(word));
    return all ? byPattern && byWord : byPattern || byWord;
  });
}

function hasAny(text: string, keywords: readonly string[]): boolean {
  return keywords.length === 0 || keywords.some((word) => text.includes(word));
}

/** What is in one item of an array is not told again of the array. */
function withoutJoined<T extends Finding>(findings: readonly T[]): T[] {
  return findings.filter(
    ({ pointer, rule }) => !findings.some((other) => other.rule === rule && other.pointer.startsWith(`${pointer}/`)),
  );
}

/** Which places a policy set says are none, by rule. */
function ignoredPlaces(
  value: unknown,
  ignore: NonNullable<ScanOptions['ignore']>,
): (rule: string, pointer: string) => boolean {
  const places = new Set(
    ignore.flatMap(({ path, rule }) => findPaths(value, path).map(({ pointer }) => `${rule} ${pointer}`)),
  );
  return (rule, pointer) => places.has(`${rule} ${pointer}`) || places.has(`* ${pointer}`);
}

function excerptOf(secret: string): string {
  const shown = secret.length >= 16 ? secret.slice(0, 4).replace(/[^\x20-\x7e]/g, '?') : '';
  return `${shown}… (${secret.length} characters)`;
}

/** Throws SECRET_FOUND for any finding; `report` is what the caller is told besides. */
export function requireNoSecrets(found: readonly Finding[], report: unknown = { secrets: found }): void {
  if (found.length > 0) throw secretFound(found.map(looksLike), report);
}

/** A finding in words, without any of the value. */
function looksLike({ pointer, rule }: Finding): { pointer: string; message: string } {
  return { pointer, message: `It fits ${rule}.` };
}
