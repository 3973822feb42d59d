import type { Fence, Page } from './Page.ts';

/** Keeps the formatter from a fence; may stand between it and its marker. */
const FORMATTER_OFF = '<!-- oxfmt-ignore -->';

/** Takes a Markdown page apart. */
export function parsePage(path: string, text: string): Page {
  const fences: Fence[] = [];
  const prose: string[] = [];
  const page: Page = { path, text, fences, prose: '' };
  const lines = text.split('\n');
  for (let index = 0; index < lines.length; index++) {
    const opening = /^( *)(`{3,}|~{3,})\s*(\S*)/.exec(lines[index]!);
    if (!opening) {
      prose.push(lines[index]!);
      continue;
    }
    const [, indentation, ticks, language] = opening as unknown as [string, string, string, string];
    const start = index;
    const body: string[] = [];
    while (++index < lines.length && lines[index]!.trim() !== ticks) {
      body.push(lines[index]!.replace(new RegExp(`^ {0,${indentation.length}}`), ''));
    }
    fences.push({ page, line: start + 1, language, text: body.join('\n'), marker: markerAbove(lines, start) });
    prose.push(...Array.from({ length: index - start + 1 }, () => ''));
  }
  return Object.assign(page, { prose: prose.join('\n') });
}

function markerAbove(lines: readonly string[], start: number): string | undefined {
  const above = lines.slice(0, start).findLast(line => line.trim() !== '' && line !== FORMATTER_OFF);
  return /^\s*<!-- snippet: (.+) -->$/.exec(above ?? '')?.[1];
}
