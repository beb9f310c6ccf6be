import type { Dialect } from './family.ts';
import { envOf, type NeutralInput } from './neutral.ts';

/** `${…}`, finished or not: also for clients of which nobody saw that they expand it, which is no proof. */
const braces = /\$\{[^}]*\}?/g;

const shell = (input: NeutralInput, withDefault: boolean) =>
  withDefault ? `\${${envOf(input)}:-${input.default}}` : `\${${envOf(input)}}`;

/** The client has no variables, and is not trusted to leave `${…}` alone. */
export const noVariables: Dialect = { expands: braces };

/** `${VAR}` and `${VAR:-default}`. */
export const shellBraces: Dialect = { expands: braces, variable: shell };

/** The same, with a bare `$VAR` meaning the same, and `%VAR%` on Windows. */
export const shellWords: Dialect = { expands: /\$(?:\w+|\{[^}]*\}?)|%[A-Za-z_]\w*%/g, variable: shell };

/** `${env:VAR}`. */
export const envBraces: Dialect = { expands: braces, variable: (input) => `\${env:${envOf(input)}}` };

/** `${input:id}`, declared in the same document. */
export const inputBraces: Dialect = { expands: braces, variable: (input) => `\${input:${input.id}}` };

/** `{env:VAR}`, replaced in the text of the file before anything parses it. */
export const curlyEnv: Dialect = {
  expands: /\{(?:env|file):[^}]*\}?/g,
  variable: (input) => `{env:${envOf(input)}}`,
};

/** `${{ secrets.VAR }}`; a plain `${…}` is left alone by none that we know, and refused all the same. */
export const doubleCurly: Dialect = {
  expands: /\$\{\{(?:(?!\}\})[\s\S])*(?:\}\})?|\$\{[^}]*\}?|\{\{(?:(?!\}\})[\s\S])*(?:\}\})?/g,
  variable: (input) => `\${{ secrets.${envOf(input)} }}`,
};
