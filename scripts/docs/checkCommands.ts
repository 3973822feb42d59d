import { checkCommand } from './checkCommand.ts';
import { type Command, splitShell } from './commandLine.ts';
import { fenceProblem, type Fence, type Page, type Problem } from './Page.ts';

/** What was looked into. */
export interface CommandCheck {
  readonly problems: Problem[];
  /** How many commands of ours, and of `npm run`, were checked. */
  readonly checked: number;
}

type Located = { readonly problemAt: (text: string) => Problem; readonly command: Command };

/** Languages in which a whole line is a command, or a comment. */
const SHELL = ['sh'];

/** A line that calls us, in whatever language. */
const CALL = /\bmikro-orm-cron(?:\/dist\/cli\.js)?['", ]+(?:runcrons|cronloop|cron:)/;

/** Stands for a call that could not be read, and is refused as any unknown command is. */
const UNREAD = 'mikro-orm-cron a-call-that-could-not-be-read';

/** Looks into every command on the pages: in fences of any language but code and data, and in `code` within the prose. */
export async function checkCommands(
  pages: readonly Page[],
  scripts: readonly string[],
  languages: readonly string[],
): Promise<CommandCheck> {
  const located = pages.flatMap(page => [
    ...page.fences.filter(({ language }) => languages.includes(language)).flatMap(commandsOfFence),
    ...commandsOfProse(page),
  ]);
  const problems: Problem[] = [];
  let checked = 0;
  for (const { command, problemAt } of located) {
    const { kind, problem } = await checkCommand(command, scripts);
    checked += kind === 'other' ? 0 : 1;
    if (problem !== undefined) {
      problems.push(problemAt(problem));
    }
  }
  return { problems, checked };
}

function commandsOfFence(fence: Fence): Located[] {
  const text = SHELL.includes(fence.language)
    ? fence.text
    : fence.text
        .split('\n')
        .map(line => commandOf(line, fence.language) ?? (CALL.test(line) ? UNREAD : ''))
        .join('\n');
  return splitShell(text).map(({ line, command }) => ({
    command,
    problemAt: problem => fenceProblem(fence, line, problem),
  }));
}

/** The command within a line of something that is no shell script. */
function commandOf(line: string, language: string): string | undefined {
  const array = /\[\s*["'].*\]$/.exec(line)?.[0];
  if (array && (language === 'yaml' || language === 'dockerfile')) {
    return (JSON.parse(array.replaceAll("'", '"')) as string[]).map(word => `'${word}'`).join(' ');
  }
  const rules = [
    // A typed line in what a terminal shows.
    /^\$ (.+)$/,
    // crontab
    /^#? ?(?:[-\d*/,]+ ){5}(.+)$/,
    /^Exec\w+=(.+)$/,
    /^\s*(?:- )?(?:command|run|entrypoint): (?![|>])(.+)$/,
    /^(?:RUN|CMD|ENTRYPOINT) (.+)$/,
  ];
  return rules.map(rule => rule.exec(line)?.[1]).find(command => command !== undefined);
}

function commandsOfProse(page: Page): Located[] {
  return page.prose.split('\n').flatMap((text, index) =>
    [...text.matchAll(/`((?:npx|npm run|runcrons|cronloop|cron:[\w-]+) [^`]+)`/g)]
      .map(([, code]) => code!.replace(/^(?:runcrons|cronloop|cron:)/, 'mikro-orm-cron $&'))
      // A placeholder stands for what cannot be parsed.
      .filter(code => !/[<[…]/.test(code))
      .flatMap(code => splitShell(code))
      .map(({ command }) => ({ command, problemAt: problem => ({ path: page.path, line: index + 1, text: problem }) })),
  );
}
