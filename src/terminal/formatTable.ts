import type { Terminal, Tone } from './Terminal.ts';
import { displayWidth, fitText, wrapText } from './text.ts';

/** One column of a table. */
export interface TableColumn {
  readonly heading: string;
  readonly align?: 'left' | 'right';
  /** Columns of the terminal to which the text may be cut when the table is too wide. @default the whole text */
  readonly least?: number;
}

/** One cell: text without colours, and what it stands for. */
export interface TableCell {
  readonly text: string;
  /** What to say instead where the table is too wide otherwise. */
  readonly short?: string;
  readonly tone?: Tone | undefined;
}

const GAP = '  ';

/**
 * Lines of a table that fit the terminal: as wide as its texts, where there is room; with short texts and then with its
 * widest columns cut, where there is too little; and where even that would not do, a block a row with a line a cell.
 * Columns that are empty in all rows are left out.
 */
export function formatTable(
  columns: readonly TableColumn[],
  rows: readonly (readonly TableCell[])[],
  terminal: Terminal,
): string[] {
  const uncut = columns.map(({ least, ...column }) => column);
  const shortened = rows.map(row => row.map(cell => ({ ...cell, text: cell.short ?? cell.text })));
  return (
    layOut(uncut, rows, terminal) ??
    layOut(columns, shortened, terminal) ??
    blocks(inUse(columns, rows), rows.length, terminal)
  );
}

type UsedColumn = TableColumn & { readonly cells: readonly TableCell[] };

function inUse(columns: readonly TableColumn[], rows: readonly (readonly TableCell[])[]): UsedColumn[] {
  return columns.flatMap((column, index) =>
    rows.some(row => row[index]?.text) ? [{ ...column, cells: rows.map(row => row[index] ?? { text: '' }) }] : [],
  );
}

/** The table in columns; `null` when they do not fit. */
function layOut(
  columns: readonly TableColumn[],
  rows: readonly (readonly TableCell[])[],
  terminal: Terminal,
): string[] | null {
  const used = inUse(columns, rows);
  const widths = fitWidths(
    used.map(({ heading, cells }) => Math.max(...[heading, ...cells.map(({ text }) => text)].map(displayWidth))),
    used.map(({ least }) => least),
    terminal.width - GAP.length * (used.length - 1),
  );
  if (widths === null) {
    return null;
  }
  const line = (cells: readonly TableCell[]) =>
    cells
      .map(({ text, tone }, index) => {
        const width = widths[index] ?? 0;
        const fitted = fitText(text, width);
        const painted = tone ? terminal.paint(tone, fitted) : fitted;
        const padding = ' '.repeat(width - displayWidth(fitted));
        const isLast = index === cells.length - 1;
        return used[index]?.align === 'right' ? padding + painted : painted + (isLast ? '' : padding);
      })
      .join(GAP)
      .trimEnd();
  return [
    line(used.map(({ heading }) => ({ text: heading, tone: 'heading' }))),
    ...rows.map((_, row) => line(used.map(({ cells }) => cells[row]!))),
  ];
}

/** Takes columns from the widest that may be cut, until all fit; `null` when they never do. */
function fitWidths(
  natural: readonly number[],
  least: readonly (number | undefined)[],
  available: number,
): number[] | null {
  const widths = [...natural];
  const sum = () => widths.reduce((total, width) => total + width, 0);
  while (sum() > available) {
    const spare = widths.map((width, index) => (width > (least[index] ?? width) ? width : 0));
    const widest = Math.max(...spare);
    if (widest === 0) {
      return null;
    }
    widths[spare.indexOf(widest)]! -= 1;
  }
  return widths;
}

function blocks(columns: readonly UsedColumn[], rows: number, terminal: Terminal): string[] {
  const label = Math.max(...columns.slice(1).map(({ heading }) => displayWidth(heading)));
  return Array.from({ length: rows }, (_, row) =>
    columns.flatMap(({ heading, cells }, index) => {
      const { text, tone } = cells[row]!;
      if (index === 0) {
        return [terminal.paint('heading', fitText(text, terminal.width))];
      }
      if (text === '') {
        return [];
      }
      const name = heading.toLowerCase().padEnd(label);
      const lines = wrapText(text, Math.max(terminal.width - label - 4, 1));
      return lines.map((line, lineIndex) => {
        const before = lineIndex === 0 ? terminal.paint('faint', name) : ' '.repeat(label);
        return `  ${before}  ${tone ? terminal.paint(tone, line) : line}`;
      });
    }),
  ).flat();
}
