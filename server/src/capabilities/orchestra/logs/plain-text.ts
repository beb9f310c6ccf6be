import { withoutSecrets } from '../present/redact.ts';

const esc = '\\u001b';
/**
 * What terminals take for colours, titles and the like. Each part is bounded and stops at the next escape, for the usual expressions,
 * that of `node:util` among them, take seconds over a log that is made for it.
 */
const sequences = new RegExp(
  [
    `(?:${esc}\\[|\\u009b)[0-?]{0,64}[ -/]{0,8}[@-~]`,
    `${esc}\\][^\\u0007${esc}\\n]{0,1000}(?:\\u0007|${esc}\\\\)`,
    `${esc}[ -/]{0,3}[0-~]`,
  ].join('|'),
  'g',
);

/**
 * The lines of a log as a person reads them: without colours and control characters, of a progress bar its last state, without
 * secrets. `cut`: the bytes do not begin where the log does.
 */
export function linesOf(bytes: Uint8Array, cut: boolean): string[] {
  const whole = new TextDecoder().decode(bytes).replace(sequences, '');
  const text = cut ? withoutBeginning(whole) : whole;
  const lines = text.split(/\r?\n/).map((line) =>
    line
      .slice(line.lastIndexOf('\r') + 1)
      .replace(/[^\P{Cc}\t]/gu, '')
      .trimEnd(),
  );
  // Last of all, and in one text: nothing that was taken out may have stood in a secret, and a private key has many lines.
  return withoutSecrets(lines.join('\n')).split('\n');
}

/** Without the line that is cut, and without the rest of a private key whose beginning is not there to tell it by. */
function withoutBeginning(text: string): string {
  const line = text.slice(text.indexOf('\n') + 1);
  const end = /-----END [A-Z ]{0,30}PRIVATE KEY-----/.exec(line);
  const begun = line.search(/-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----/);
  if (!end || (begun >= 0 && begun < end.index)) return line;
  return `[redacted]${line.slice(end.index + end[0].length)}`;
}
