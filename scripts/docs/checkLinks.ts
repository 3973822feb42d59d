import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import type { Page, Problem } from './Page.ts';
import { parsePage } from './parsePage.ts';

/** What was looked into. */
export interface LinkCheck {
  readonly problems: Problem[];
  readonly checked: number;
}

/** Every relative link of the pages leads to a file of the repository, and every anchor to a heading there. */
export function checkLinks(pages: readonly Page[], repository: string): LinkCheck {
  const problems: Problem[] = [];
  let checked = 0;
  for (const page of pages) {
    page.prose.split('\n').forEach((text, index) => {
      for (const [, target] of text.matchAll(/\[[^\]]*\]\(([^)\s]+)\)/g)) {
        if (!/^[a-z]+:/.test(target!)) {
          checked++;
          const problem = checkLink(page, target!, repository);
          if (problem !== undefined) {
            problems.push({ path: page.path, line: index + 1, text: `${target}: ${problem}` });
          }
        }
      }
    });
  }
  return { problems, checked };
}

function checkLink(page: Page, target: string, repository: string): string | undefined {
  const [path, anchor] = target.split('#', 2) as [string, string?];
  const file = path === '' ? page.path : join(dirname(page.path), path);
  const absolute = join(repository, file);
  if (relative(repository, absolute).startsWith('..') || !(path === '' || existsSync(absolute))) {
    return 'there is no such file in the repository';
  }
  if (anchor === undefined) {
    return undefined;
  }
  if (path !== '' && statSync(absolute).isDirectory()) {
    return 'a folder has no headings';
  }
  const linked = path === '' ? page : parsePage(file, readFileSync(absolute, 'utf8'));
  return anchors(linked).includes(anchor) ? undefined : `there is no heading for #${anchor}`;
}

/** The anchors of a page's headings, as GitHub makes them. */
function anchors({ prose }: Page): string[] {
  const seen = new Map<string, number>();
  return [...prose.matchAll(/^#+ (.+)$/gm)].map(([, heading]) => {
    const slug = heading!
      .trim()
      .toLowerCase()
      .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-');
    const count = seen.get(slug) ?? 0;
    seen.set(slug, count + 1);
    return count === 0 ? slug : `${slug}-${count}`;
  });
}
