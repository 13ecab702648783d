/**
 * A text with memory of its own. V8 keeps a text that was cut out of a larger one as a place in it, and with it all of the
 * larger one, such as a whole list for a name in it.
 */
export function ownText(text: string): string {
  // Both ways are lossless, halves of characters included.
  return JSON.parse(JSON.stringify(text)) as string;
}

/** A function that gives back a text, always the same one for equal ones: for names that many clips have in common. */
export function textPool(): (text: string) => string {
  const texts = new Map<string, string>();
  return (text) => {
    const known = texts.get(text);
    if (known !== undefined) return known;
    const own = ownText(text);
    texts.set(own, own);
    return own;
  };
}
