import yargs, { type CommandModule } from 'yargs';

/** `completion`: a script for the shell. */
export class CompletionCommand implements CommandModule {
  readonly command = 'completion';
  readonly describe = 'Print a script that completes commands and options in bash and zsh';
  readonly #program: string;

  constructor(program: string) {
    this.#program = program;
  }

  readonly handler = (): void => {
    if (!process.env['SHELL']?.includes('zsh')) {
      process.stdout.write(
        '# bash takes the colon in a command for the end of a word.\nCOMP_WORDBREAKS=${COMP_WORDBREAKS//:/}\n',
      );
    }
    yargs().scriptName(this.#program).showCompletionScript();
  };
}
