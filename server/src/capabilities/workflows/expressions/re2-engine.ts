import { RE2JS } from 're2js';

/** Longest pattern that is taken. RE2 needs time in proportion to the text and to the pattern. */
const longestPattern = 1000;

/** A pattern that RE2 does not take: lookaround, backreferences, repetitions without measure. */
export class PatternError extends Error {}

/** Compiles a JavaScript pattern for RE2, whose matching takes linear time. */
export function compilePattern(source: string, flags = ''): RE2JS {
  if (source.length > longestPattern) throw new PatternError(`a pattern has at most ${longestPattern} characters`);
  const wanted =
    (flags.includes('i') ? RE2JS.CASE_INSENSITIVE : 0) |
    (flags.includes('m') ? RE2JS.MULTILINE : 0) |
    (flags.includes('s') ? RE2JS.DOTALL : 0);
  try {
    return RE2JS.compile(RE2JS.translateRegExp(source), wanted);
  } catch (error) {
    throw new PatternError(error instanceof Error ? error.message : String(error));
  }
}

/** What JSONata wants of a RegExp: `exec` from `lastIndex` on, which goes on behind each match. */
export class Re2Engine {
  lastIndex = 0;
  readonly #pattern: RE2JS;

  constructor(given: RegExp) {
    this.#pattern = compilePattern(given.source, given.flags);
  }

  exec(text: string): (RegExpExecArray & { index: number }) | null {
    const matcher = this.lastIndex > text.length ? undefined : this.#pattern.matcher(text);
    if (!matcher?.find(this.lastIndex)) {
      this.lastIndex = 0;
      return null;
    }
    const groups = Array.from({ length: matcher.groupCount() + 1 }, (_, group) => matcher.group(group) ?? undefined);
    this.lastIndex = matcher.end();
    return Object.assign(groups, { index: matcher.start(), input: text }) as unknown as RegExpExecArray;
  }
}
