/** A fenced block of a page. */
export interface Fence {
  readonly page: Page;
  /** Number of the line that opens it, from 1. */
  readonly line: number;
  /** What follows the backticks; '' when nothing does. */
  readonly language: string;
  /** What is between, without the fence's own indentation. */
  readonly text: string;
  /** What `<!-- snippet: … -->` above it says. */
  readonly marker: string | undefined;
}

/** A Markdown page. */
export interface Page {
  /** Relative to the repository. */
  readonly path: string;
  readonly text: string;
  readonly fences: readonly Fence[];
  /** The page with its fences blanked, so that line numbers stay. */
  readonly prose: string;
}

/** Something on a page that is not so. */
export interface Problem {
  readonly path: string;
  readonly line: number;
  readonly text: string;
}

/** Something that is wrong with a line of a fence, counted from 0 below the line that opens it. */
export function fenceProblem({ page, line }: Fence, offset: number, text: string): Problem {
  return { path: page.path, line: line + 1 + offset, text };
}
