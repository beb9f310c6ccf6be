import { readFileSync } from 'node:fs';
import { RE2JS } from 're2js';
import { parse } from 'smol-toml';
import { z } from 'zod';

const rulesFile = new URL('../../../../third_party/gitleaks/default.toml', import.meta.url);

/** A pattern of a secret. */
export interface SecretRule {
  readonly id: string;
  /** Where none of these stands in lower case, the pattern has nothing to find. Empty: it is always looked for. */
  readonly keywords: readonly string[];
  readonly pattern: () => RE2JS;
  /** The group that is the secret; 0: the first that is there, or all of it. */
  readonly group: number;
  /** Bits a character that the secret has at least. */
  readonly entropy: number;
  readonly allowed: readonly Allowlist[];
}

/** What a finding is no secret for. */
export interface Allowlist {
  readonly target: 'secret' | 'match' | 'line';
  readonly patterns: () => readonly RE2JS[];
  /** In lower case. */
  readonly stopwords: readonly string[];
  /** Whether both have to hold. */
  readonly all: boolean;
}

const allowlist = z.looseObject({
  condition: z.string().default('OR'),
  regexTarget: z.string().default('secret'),
  regexes: z.array(z.string()).default([]),
  stopwords: z.array(z.string()).default([]),
  paths: z.array(z.string()).default([]),
});
const rule = z.looseObject({
  id: z.string(),
  regex: z.string().optional(),
  secretGroup: z.number().default(0),
  entropy: z.number().default(0),
  keywords: z.array(z.string()).default([]),
  allowlists: z.array(allowlist).default([]),
});
const file = z.looseObject({ allowlist, rules: z.array(rule) });

export interface RuleSet {
  readonly rules: readonly SecretRule[];
  /** What is no secret by any rule. */
  readonly allowed: Allowlist;
}

let loaded: RuleSet | undefined;

/** The rules of gitleaks, for RE2: read once, each compiled when it is first needed. */
export function gitleaksRules(): RuleSet {
  loaded ??= load();
  return loaded;
}

function load(): RuleSet {
  const { rules, allowlist: global } = file.parse(parse(readFileSync(rulesFile, 'utf8')));
  return {
    allowed: read(global),
    // A rule without a pattern is about names of files.
    rules: rules.flatMap(({ id, regex, keywords, secretGroup, entropy, allowlists }) =>
      regex === undefined
        ? []
        : [
            {
              id,
              keywords: keywords.map((word) => word.toLowerCase()),
              pattern: once(() => RE2JS.compile(regex)),
              group: secretGroup,
              entropy,
              // An allowlist that wants a path as well never holds here: there is none.
              allowed: allowlists.filter(({ condition, paths }) => condition !== 'AND' || paths.length === 0).map(read),
            },
          ],
    ),
  };
}

function read({ condition, regexTarget, regexes, stopwords }: z.output<typeof allowlist>): Allowlist {
  return {
    target: regexTarget === 'match' || regexTarget === 'line' ? regexTarget : 'secret',
    patterns: once(() => regexes.map((regex) => RE2JS.compile(regex))),
    stopwords: stopwords.map((word) => word.toLowerCase()),
    all: condition === 'AND' && regexes.length > 0 && stopwords.length > 0,
  };
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
