import Table from 'cli-table3';

/** A table as text for a terminal or a file: no colours, a line only below the head. */
export function textTable(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const none = { mid: '', 'left-mid': '', 'mid-mid': '', 'right-mid': '' };
  const table = new Table({ head: [...head], style: { head: [], border: [] }, chars: head.length > 0 ? {} : none });
  // cli-table3 draws a line between all rows or none: rows are joined into one.
  const numeric = rows[0]?.map((cell) => typeof cell === 'number');
  table.options.colAligns = numeric?.map((isNumber) => (isNumber ? 'right' : 'left')) ?? [];
  if (rows.length > 0) table.push(rows[0].map((_, column) => rows.map((row) => inOneLine(row[column])).join('\n')));
  return table.toString();
}

/** File names may hold line breaks, which would shift the cells below. */
function inOneLine(cell: string | number): string {
  return String(cell).replace(/[\r\n]+/g, ' ');
}
