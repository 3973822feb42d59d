import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page, Problem } from './Page.ts';

/** What was looked into. */
export interface MessageCheck {
  readonly problems: Problem[];
  readonly checked: number;
}

/**
 * Holds the messages that a page quotes against those in the sources: the `code` in the first column of every table
 * whose first heading is "message". `…` stands for what a message puts in.
 */
export function checkMessages(page: Page, repository: string): MessageCheck {
  const source = sourceTexts(repository);
  const quoted = quotedMessages(page);
  const problems = quoted
    .filter(({ message }) => !pattern(message).test(source))
    .map(({ line, message }) => ({ path: page.path, line, text: `no source says \`${message}\`` }));
  return { problems, checked: quoted.length };
}

function quotedMessages({ prose }: Page): { readonly line: number; readonly message: string }[] {
  const quoted: { line: number; message: string }[] = [];
  let isMessageTable = false;
  prose.split('\n').forEach((text, index) => {
    const cell = /^\s*\|\s*((?:\\\||[^|])*?)\s*\|/.exec(text)?.[1];
    if (cell === undefined) {
      isMessageTable = false;
    } else if (cell === 'message') {
      isMessageTable = true;
    } else if (isMessageTable) {
      quoted.push(...[...cell.matchAll(/`([^`]+)`/g)].map(([, message]) => ({ line: index + 1, message: message! })));
    }
  });
  return quoted;
}

/** The sources, with literals that are added up joined, and `…` for what is put into templates. */
function sourceTexts(repository: string): string {
  return globSync('src/**/*.ts', { cwd: repository })
    .map(file => readFileSync(join(repository, file), 'utf8'))
    .join('\n')
    .replaceAll(/['`"]\s*\+\s*['`"]/g, '')
    .replaceAll(/\$\{(?:[^{}]|\{[^{}]*\})*\}/g, '…')
    .replaceAll("\\'", "'");
}

function pattern(message: string): RegExp {
  return new RegExp(
    message
      .split('…')
      .map(piece => piece.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&'))
      .join('[^\\n]*?'),
  );
}
