import stringWidth from 'string-width';
import type { Piece, Terminal, Tone } from './Terminal.ts';
import { fitText, oneLine, wrapText } from './text.ts';

/** One column of a table. */
export interface TableColumn {
  readonly heading: string;
  readonly align?: 'left' | 'right';
  /** Columns of the terminal to which the text may be cut when the table is too wide. @default the whole text */
  readonly least?: number;
}

/** One cell: a text, and what it stands for. */
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
  { width }: Pick<Terminal, 'width'>,
): Piece[][] {
  const uncut = columns.map(({ least, ...column }) => column);
  // Only what will be shown can be measured.
  const clean = rows.map(row => row.map(cell => ({ ...cell, text: oneLine(cell.text) })));
  const shortened = rows.map(row => row.map(cell => ({ ...cell, text: oneLine(cell.short ?? cell.text) })));
  return (
    layOut(uncut, clean, width) ??
    layOut(columns, shortened, width) ??
    blocks(inUse(columns, clean), rows.length, width)
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
  available: number,
): Piece[][] | null {
  const used = inUse(columns, rows);
  const widths = fitWidths(
    used.map(({ heading, cells }) => Math.max(...[heading, ...cells.map(({ text }) => text)].map(stringWidth))),
    used.map(({ least }) => least),
    available - GAP.length * (used.length - 1),
  );
  if (widths === null) {
    return null;
  }
  const line = (cells: readonly TableCell[]): Piece[] => {
    // Nothing but blanks would follow it.
    const last = cells.findLastIndex(({ text }) => text !== '');
    return cells.slice(0, last + 1).flatMap(({ text, tone }, index): Piece[] => {
      const width = widths[index] ?? 0;
      const fitted = fitText(text, width);
      const padding = ' '.repeat(width - stringWidth(fitted));
      const isRight = used[index]?.align === 'right';
      const before = `${index === 0 ? '' : GAP}${isRight ? padding : ''}`;
      return [before, { text: fitted, tone }, isRight || index === last ? '' : padding];
    });
  };
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

function blocks(columns: readonly UsedColumn[], rows: number, width: number): Piece[][] {
  const label = Math.max(...columns.slice(1).map(({ heading }) => stringWidth(heading)));
  return Array.from({ length: rows }, (_, row) =>
    columns.flatMap(({ heading, cells }, index): Piece[][] => {
      const { text, tone } = cells[row]!;
      if (index === 0) {
        return [[{ text: fitText(text, width), tone: 'heading' }]];
      }
      if (text === '') {
        return [];
      }
      const name = heading.toLowerCase().padEnd(label);
      const lines = wrapText(text, Math.max(width - label - 4, 1));
      return lines.map((line, lineIndex) => [
        '  ',
        lineIndex === 0 ? { text: name, tone: 'faint' } : ' '.repeat(label),
        '  ',
        { text: line, tone },
      ]);
    }),
  ).flat();
}
