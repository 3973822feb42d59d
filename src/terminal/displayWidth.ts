import stringWidth from 'string-width';

/** How many columns of a terminal a line takes: wide and combining characters and colours reckoned in. */
export function displayWidth(text: string): number {
  return stringWidth(text);
}
