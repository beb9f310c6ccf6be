/** Says how far a step is: a share from 0 to 1 and, if there is one, a figure. */
export type Progress = (share: number, figure?: string) => void;

export interface Narrator {
  heading(text: string): void;
  /**
   * Plays a step, which answers what later steps need and a figure. Prints its title and the figure; a failure is printed
   * and thrown on.
   */
  step<T>(title: string, play: (progress: Progress) => Promise<[T, string]>): Promise<T>;
  /** Ends the tale: what is still under way has nothing more to say, and no further step begins. */
  end(): void;
}

const barWidth = 30;
const titleWidth = 26;
const redrawMs = 80;
const frames = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];

/** Tells the tour line by line; at a terminal the step under way moves. */
export function createNarrator(output: NodeJS.WriteStream): Narrator {
  let ended = false;
  let live: ReturnType<typeof animate> | undefined;
  const say = (text: string) => {
    live?.clear();
    live = undefined;
    if (!ended) output.write(`${text}\n`);
  };
  return {
    end() {
      live?.clear();
      ended = true;
    },
    heading: (text) => say(`\n${text}`),
    async step(title, play) {
      if (ended) throw new Error('the tour is over');
      if (output.isTTY) live = animate(output, title);
      try {
        const [value, figure] = await play(live?.progress ?? (() => undefined));
        say(`  ✓ ${title.padEnd(titleWidth)}  ${figure}`);
        return value;
      } catch (error) {
        const [first, ...lines] = (error instanceof Error ? error.message : String(error)).split('\n');
        say(`  ✗ ${title.padEnd(titleWidth)}  ${first}${lines.map((line) => `\n      ${line}`).join('')}`);
        throw error;
      }
    },
  };
}

/** One line that is drawn over and over: a spinner, and a bar once there is progress. */
function animate(output: NodeJS.WriteStream, title: string) {
  let share: number | undefined;
  let figure = '';
  let frame = 0;
  const wipe = '\r\x1b[2K';
  const draw = () => {
    const done = Math.round((share ?? 0) * barWidth);
    const bar = share === undefined ? '' : `${'━'.repeat(done)}${'─'.repeat(barWidth - done)} `;
    const line = `  ${frames[frame++ % frames.length]} ${title.padEnd(titleWidth)}  ${bar}${figure}`;
    // A line that wraps could not be wiped.
    output.write(`${wipe}${[...line].slice(0, (output.columns || 80) - 1).join('')}`);
  };
  draw();
  const timer = setInterval(draw, redrawMs);
  timer.unref();
  return {
    progress: ((now, text = '') => {
      share = Math.min(Math.max(now, 0), 1);
      figure = text;
    }) satisfies Progress,
    clear() {
      clearInterval(timer);
      output.write(wipe);
    },
  };
}
