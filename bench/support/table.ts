/** What a benchmark answers: medians in rows, and how its aims came out. */
export interface Table {
  readonly rounds: number;
  /** Column titles after the first one, which names the row. */
  readonly columns: readonly string[];
  readonly rows: readonly Row[];
  readonly aims: readonly Aim[];
  readonly notes: readonly string[];
}

export interface Row {
  readonly label: string;
  readonly values: readonly Cell[];
}

/** A number as measured, a text such as a range, or nothing where it makes no sense. */
type Cell = number | string | null;

interface Aim {
  readonly text: string;
  readonly measured: string;
  readonly met: boolean;
}

export interface Options {
  readonly rounds: number;
  /** Tells what is going on, for whoever waits. */
  readonly say: (text: string) => void;
}

export interface Benchmark {
  readonly name: string;
  readonly title: string;
  /** Directory of a peer's own package that must be installed first. */
  readonly installs?: URL;
  run(options: Options): Promise<Table>;
}

/** The table in Markdown, its cells padded so that it also reads well on a terminal. */
export function renderTable(table: Table): string {
  const lines = [['', ...table.columns], ...table.rows.map((row) => [row.label, ...row.values.map(show)])];
  const widths = table.columns.map((_, column) => Math.max(...lines.map((line) => line[column + 1]?.length ?? 0)));
  const first = Math.max(...lines.map((line) => line[0]?.length ?? 0));
  const text = lines.map(([label = '', ...cells]) => {
    const padded = cells.map((cell, column) => cell.padStart(widths[column] ?? 0));
    return `| ${[label.padEnd(first), ...padded].join(' | ')} |`;
  });
  const rule = `|${'-'.repeat(first + 2)}|${widths.map((width) => `${'-'.repeat(width + 1)}:`).join('|')}|`;
  const aims = table.aims.map(
    (aim) => `- Aim: ${aim.text}. Measured: ${aim.measured}. **${aim.met ? 'Met' : 'Not met'}.**`,
  );
  const notes = table.notes.map((note) => `- ${note}`);
  return [text[0], rule, ...text.slice(1), '', ...aims, ...notes].join('\n').trimEnd();
}

function show(cell: Cell): string {
  if (cell === null) return '–';
  if (typeof cell === 'string') return cell;
  const digits = Math.abs(cell) >= 100 ? 0 : Math.abs(cell) >= 10 ? 1 : 2;
  return cell.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}
