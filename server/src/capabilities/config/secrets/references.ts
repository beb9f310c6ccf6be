/** How the neutral form and the clients write a reference to what is given elsewhere. */
const references =
  /\$\{\{\s*[\w.-]{1,100}\s*\}\}|\$\{[A-Za-z_][\w.:-]{0,100}\}|\{(?:env|file|input):[^{}\s]{1,200}\}|\$[A-Za-z_]\w{0,100}|%[A-Za-z_]\w{0,100}%/g;
const schemes = /^\s*(?:bearer|basic|token|apikey|key)?\s*$/i;
const placeholder = /^(?:<[^<>]*>|\[[^[\]]*\]|x{3,}|\*{3,}|\.{3,}|…|your[-_ ].*|redacted|\[redacted\])$/i;
/** Names of variables, references of operators, files and plain addresses stand for a value, and are none. */
const elsewhere =
  /^(?:[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+|(?:env|secret|file):\S+|op:\/\/\S+|~?\.{0,2}\/[\w./-]*|[A-Za-z]:\\[\w.\\ -]*)$/;

/** A text without the references in it: what is left is literal. */
export function withoutReferences(text: string): string {
  return text.replace(references, '');
}

/** Whether a text only says where a value comes from, or that one goes there. */
export function standsForAValue(text: string): boolean {
  const literal = withoutReferences(text);
  return schemes.test(literal) || placeholder.test(literal.trim()) || elsewhere.test(text.trim());
}
