/**
 * What has no place in a line of text: controls, which may steer a terminal and are forbidden in SVG; what turns the
 * direction of writing; and halves of characters. Line breaks and tabs are no harm.
 */
const UNPRINTABLE = /(?![\n\t])[\p{Cc}\p{Cs}\p{Bidi_Control}\u2028\u2029]/gu;

/**
 * A text as it may be shown anywhere: what cannot be printed is written as its code, the way JSON does, such as `\u001b`.
 * Names of files, speakers and emotions may be anybody's.
 */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** Whether a text is one line that can be shown as it is. */
export function isPrintable(text: string): boolean {
  return printable(text) === text && !/[\n\t]/.test(text);
}
