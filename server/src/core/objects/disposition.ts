/**
 * A Content-Disposition (RFC 6266) that has any file saved, never shown. Names outside of ASCII go into `filename*`
 * (RFC 8187), with a plain one beside it for old clients.
 */
export function attachment(name: string): string {
  const base = name.split(/[\\/]/).at(-1) || 'object';
  const plain = base.replace(/[^\x20-\x7e]|["\\%]/g, '_');
  const full = encodeURIComponent(base.toWellFormed()).replace(
    /['()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `attachment; filename="${plain}"${plain === base ? '' : `; filename*=UTF-8''${full}`}`;
}
