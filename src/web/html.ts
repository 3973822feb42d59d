import { harmless, oneLine } from '../terminal/text.ts';

/** A piece of HTML: what is in it stands as it is, everything else becomes text. */
export class Html {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** A value of a template: a piece of HTML, a text to escape, or nothing. */
export type HtmlValue = Html | string | number | null | undefined | false | readonly HtmlValue[];

/**
 * A piece of HTML from a template. Every value that is not HTML itself is escaped, for text and for attributes in double
 * quotes alike, and loses the characters that could turn or hide what stands around it.
 */
export function html(strings: TemplateStringsArray, ...values: readonly HtmlValue[]): Html {
  return new Html(strings.reduce((text, part, index) => text + valueText(values[index - 1]) + part));
}

/** A template whose values stand on one line: codes, hosts, reasons. */
export function line(text: string): string {
  return oneLine(text);
}

function valueText(value: HtmlValue): string {
  if (value === null || value === undefined || value === false) {
    return '';
  }
  if (value instanceof Html) {
    return value.text;
  }
  if (typeof value === 'object') {
    return value.map(valueText).join('');
  }
  return escapeHtml(harmless(String(value)));
}

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, character => ENTITIES[character]!);
}
