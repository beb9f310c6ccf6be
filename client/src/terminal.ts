import { text as readText } from 'node:stream/consumers';
import { confirm } from '@clack/prompts';

/** What a command may say and ask. Answers go out, everything else is a note. */
export interface Terminal {
  out(text: string): void;
  note(text: string): void;
  /** All of standard input. */
  readInput(): Promise<string>;
  /** Asks a person; absent when there is none at the terminal. */
  readonly confirm?: (question: string) => Promise<boolean>;
}

/** The terminal of this process. */
export function processTerminal(): Terminal {
  const { stdin, stdout, stderr } = process;
  // A reader such as `head` may leave early: that is no failure.
  stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));
  const ask = async (message: string) => (await confirm({ message, initialValue: false, output: stderr })) === true;
  return {
    out: (text) => void stdout.write(text),
    note: (text) => void stderr.write(text),
    readInput: () => readText(stdin),
    ...(stdin.isTTY && stderr.isTTY ? { confirm: ask } : {}),
  };
}
