/** The beginning and the end of a text, as many characters as are wanted; `cut` counts bytes, those that were left out before too. */
export function clip(text: string, cutBefore: number, chars: number): { readonly text: string; readonly cut: number } {
  if (text.length <= chars) return { text, cut: cutBefore };
  const half = Math.max(1, Math.floor(chars / 2));
  // Not within a surrogate pair.
  const head = text.slice(0, half).replace(/[\ud800-\udbff]$/, '');
  const tail = text.slice(-half).replace(/^[\udc00-\udfff]/, '');
  const left = Buffer.byteLength(text) - Buffer.byteLength(head) - Buffer.byteLength(tail);
  return { text: `${head}\n[… ${left} bytes left out …]\n${tail}`, cut: cutBefore + left };
}
