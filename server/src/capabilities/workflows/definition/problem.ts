/** Something that keeps a definition from being kept: where it is (as in `definition.States.Fetch.Next`), what, and what to do. */
export interface Problem {
  readonly path: string;
  readonly message: string;
  readonly suggestion: string;
}

/** Where in a document: `definition.States['Fetch mail'].Next`. */
export type Path = readonly (string | number)[];

/** The path as it is written: names that are no plain words stand in brackets. */
function written(path: Path): string {
  let text = '';
  for (const part of path) {
    if (typeof part === 'number') text += `[${part}]`;
    else if (/^[A-Za-z_][A-Za-z0-9_-]*$/.test(part)) text += text === '' ? part : `.${part}`;
    else text += `[${JSON.stringify(part.length > 100 ? `${part.slice(0, 100)}…` : part)}]`;
  }
  return text;
}

export function problem(path: Path, message: string, suggestion: string): Problem {
  return { path: written(path), message, suggestion };
}
