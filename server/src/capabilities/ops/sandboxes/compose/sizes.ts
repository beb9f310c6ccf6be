const units: Readonly<Record<string, number>> = { b: 1, k: 2 ** 10, m: 2 ** 20, g: 2 ** 30 };

/** Bytes of `256m`, `1gb` or a number, as compose writes sizes; undefined for anything else. */
export function bytesOf(size: string | number): number | undefined {
  if (typeof size === 'number') return Number.isSafeInteger(size) && size > 0 ? size : undefined;
  const [, figure, unit] = /^(\d{1,12})([bkmg])?b?$/i.exec(size) ?? [];
  if (figure === undefined) return undefined;
  const bytes = Number(figure) * (units[(unit ?? 'b').toLowerCase()] ?? 1);
  return bytes > 0 && Number.isSafeInteger(bytes) ? bytes : undefined;
}
