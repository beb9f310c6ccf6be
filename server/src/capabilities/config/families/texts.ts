import type { BuiltInFamily, Dialect, Loss, Place, WrittenServer } from './family.ts';
import { type Part, partsOf } from './inputs.ts';
import { envOf, type NeutralInput, pointerOf } from './neutral.ts';
import { writeText } from './write-text.ts';

type Inputs = ReadonlyMap<string, NeutralInput>;
type Forwarded = WrittenServer['forwarded'];

/** Writes the texts of one server for a client, and notes in `losses` what each of them lost. */
export interface Texts {
  /** The text at a place; undefined when it was refused. */
  one(text: string, place: Place, ...path: PropertyKey[]): string | undefined;
  /** A map of texts. What is one input and nothing else may be passed on by name. */
  map(
    texts: Readonly<Record<string, string>> | undefined,
    place: 'env' | 'headers',
  ): { written: Record<string, string>; forwarded: Forwarded['env']; bearer?: string };
}

export function textsOf(family: BuiltInFamily, inputs: Inputs, here: readonly PropertyKey[], losses: Loss[]): Texts {
  const { dialect, expresses, title } = family;
  const note = (path: readonly PropertyKey[], feature: string, why: string, severity: Loss['severity']) =>
    losses.push({ pointer: pointerOf([...here, ...path]), feature, why, severity });
  const noDefault = (path: readonly PropertyKey[], id: string) =>
    note(path, 'default', `${title} is not told the default of the input ${id}.`, 'warning');

  const one: Texts['one'] = (text, place, ...path) => {
    const spoken: Dialect = expresses.inputs.includes(place) ? dialect : { expands: dialect.expands };
    const written = writeText(text, inputs, spoken, expresses.defaults);
    if ('refused' in written) {
      const why = written.refused === 'input' ? (spoken.refusal ?? `${title} takes no input here.`) : written.why;
      note([place, ...path], written.refused, why, place === 'description' ? 'warning' : 'error');
      return undefined;
    }
    for (const id of written.lostDefaults) noDefault([place, ...path], id);
    return written.text;
  };

  const map: Texts['map'] = (texts, place) => {
    const answer: ReturnType<Texts['map']> = { written: {}, forwarded: {} };
    for (const [key, text] of Object.entries(texts ?? {})) {
      const by = forwardedBy(key, partsOf(text), place, dialect.forwards);
      const input = by && (inputs.get(by.id) ?? { id: by.id });
      // A program gets a variable under its own name alone.
      if (!input || (place === 'env' && envOf(input) !== key)) answer.written[key] = one(text, place, key) ?? '';
      else {
        if (input.default !== undefined) noDefault([place, key], input.id);
        if (by.bearer) answer.bearer = envOf(input);
        else answer.forwarded[key] = envOf(input);
      }
    }
    return answer;
  };
  return { one, map };
}

/** The input that a text consists of, where the client can pass it on by name. */
function forwardedBy(
  key: string,
  [first, second, ...rest]: readonly Part[],
  place: 'env' | 'headers',
  forwards: Dialect['forwards'],
): { id: string; bearer: boolean } | undefined {
  if (!forwards || (place === 'headers' && forwards !== 'env-and-headers') || !first || rest.length > 0)
    return undefined;
  if ('input' in first) return second ? undefined : { id: first.input, bearer: false };
  const bearer = place === 'headers' && /^authorization$/i.test(key) && first.literal === 'Bearer ';
  return bearer && second && 'input' in second ? { id: second.input, bearer } : undefined;
}
