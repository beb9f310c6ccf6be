import type { Dialect } from './family.ts';
import { partsOf } from './inputs.ts';
import type { NeutralInput } from './neutral.ts';

/** A text in a client's own syntax, or why there is none. */
export type WrittenText =
  | { readonly text: string; readonly lostDefaults: readonly string[] }
  | { readonly refused: 'literal' | 'input'; readonly why: string };

type Inputs = ReadonlyMap<string, NeutralInput>;
interface Piece {
  readonly text: string;
  readonly variable: boolean;
}

/**
 * Writes a neutral text for a client. Its inputs become variables and nothing else does: what the client would expand in the
 * result must be, from the first to the last sign, what was put there for an input. No client has an escape to rely on, so a
 * literal that looks like a variable is refused.
 */
export function writeText(text: string, inputs: Inputs, dialect: Dialect, defaults: boolean): WrittenText {
  const pieces: Piece[] = [];
  const lostDefaults: string[] = [];
  for (const part of partsOf(text)) {
    if ('literal' in part) pieces.push({ text: part.literal, variable: false });
    else {
      const input = inputs.get(part.input) ?? { id: part.input };
      const variable = variableOf(input, dialect, defaults);
      if (variable === undefined)
        return { refused: 'input', why: dialect.refusal ?? 'The client takes no input here.' };
      if (input.default !== undefined && !variable.withDefault) lostDefaults.push(input.id);
      pieces.push({ text: variable.text, variable: true });
    }
  }
  const written = pieces.map((piece) => piece.text).join('');
  if (!onlyExpands(written, pieces, dialect))
    return { refused: 'literal', why: 'The client would take a part of this text for a variable of its own.' };
  return { text: written, lostDefaults };
}

/** How an input stands, with its default where the client can be told of it. */
function variableOf(input: NeutralInput, dialect: Dialect, defaults: boolean) {
  const plain = dialect.variable?.(input, false);
  if (plain === undefined) return undefined;
  const full = defaults && canTellDefault(input, dialect) ? dialect.variable?.(input, true) : undefined;
  // A default with a sign of the syntax in it would end the variable early or begin another.
  const whole = full !== undefined && onlyExpands(full, [{ text: full, variable: true }], dialect);
  return whole ? { text: full, withDefault: true } : { text: plain, withDefault: false };
}

/** Whether an input has a default that stays what it is where a client may expand it in its turn. */
export function canTellDefault(input: NeutralInput, { expands }: Dialect): boolean {
  return input.default !== undefined && (!expands || input.default.search(expands) < 0);
}

/** Whether the client expands exactly the pieces that are variables. */
function onlyExpands(written: string, pieces: readonly Piece[], { expands }: Dialect): boolean {
  if (!expands) return !pieces.some(({ variable }) => variable);
  const found = [...written.matchAll(expands)].map((match) => `${match.index}+${match[0].length}`);
  let at = 0;
  const wanted: string[] = [];
  for (const piece of pieces) {
    if (piece.variable) wanted.push(`${at}+${piece.text.length}`);
    at += piece.text.length;
  }
  return found.join() === wanted.join();
}
