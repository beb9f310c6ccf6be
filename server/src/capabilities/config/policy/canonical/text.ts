/** What does not show or shows elsewhere: controls, format and direction marks, half surrogate pairs, fillers, variation selectors. */
const hidden =
  /\p{Cc}|\p{Cf}|\p{Cs}|\p{Co}|\p{Zl}|\p{Zp}|\u{34f}|\u{115f}|\u{1160}|\u{3164}|\u{ffa0}|[\u{fe00}-\u{fe0f}]|[\u{e0100}-\u{e01ef}]/u;
const hiddenEverywhere = new RegExp(hidden, 'gu');

/** Whether a text holds characters that a dialogue would not show for what they are. */
export function hidesCharacters(text: string): boolean {
  return hidden.test(text);
}

/** Printable ASCII without spaces: the only names that can be compared, for NFKC leaves Cyrillic look-alikes as they are. */
export function isPlainName(text: string): boolean {
  return /^[\x21-\x7e]+$/.test(text);
}

/** One spelling for all that a reader or a file system takes for the same: NFKC, lower case, nothing hidden. */
export function fold(text: string): string {
  // ASCII that prints is itself in NFKC.
  if (/^[\x20-\x7e]*$/.test(text)) return text.toLowerCase();
  return text.normalize('NFKC').replace(hiddenEverywhere, '').toLowerCase();
}

/** An argument as one spelling: folded, with slashes one way and without `.`, `..` and empty segments of a path. */
export function foldArgument(text: string): string {
  const folded = fold(text).replaceAll('\\', '/');
  if (!folded.includes('/') || folded.includes('://')) return folded;
  const [, flag = '', path = ''] = /^(-[^=/]*=)?(.*)$/s.exec(folded) ?? [];
  const parts: string[] = [];
  for (const [at, part] of path.split('/').entries()) {
    if (part === '.' || (part === '' && at > 0)) continue;
    if (part === '..' && parts.length > 0 && !['', '..'].includes(parts.at(-1) ?? '')) parts.pop();
    else if (part !== '..' || parts[0] !== '') parts.push(part);
  }
  return flag + (parts.length === 1 && parts[0] === '' ? '/' : parts.join('/'));
}

/** Every name under which a tool may be called: itself, and without the name spaces of plugins and clients. */
export function toolSpellings(name: string): readonly string[] {
  const folded = fold(name);
  const parts = folded.split(/__|[/:.]/);
  return [...new Set([folded, ...parts.map((_, at) => parts.slice(at).join('/')), parts.at(-1) ?? folded])];
}
