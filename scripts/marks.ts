/**
 * Puts a command's output into a document, between `<!-- NAME -->` and `<!-- /NAME -->`, so that no figure is copied by hand.
 *
 * @throws Error if the document has no such place
 */
export function insertedBetweenMarks(document: string, name: string, text: string): string {
  const [start, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const [from, to] = [document.indexOf(start), document.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`There is no place for ${name}: expected ${start} and ${end}`);
  return `${document.slice(0, from + start.length)}\n\n${text.trim()}\n\n${document.slice(to)}`;
}
