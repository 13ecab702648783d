import Table from 'cli-table3';

/** A table as text for a terminal or a file: no colours, and a line only below the heading. */
export function textTable(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const table = new Table({ head: [...head], style: { head: [], border: [] } });
  const numeric = rows[0]?.map((cell) => typeof cell === 'number');
  table.options.colAligns = numeric?.map((isNumber) => (isNumber ? 'right' : 'left')) ?? [];
  table.push(...rows.map((row) => row.map(inOneLine)));
  // cli-table3 draws a line between all rows or none: only the one below the heading is kept.
  const isRule = (line: string) => line.startsWith('├');
  const lines = table.toString().split('\n');
  const firstRule = head.length > 0 ? lines.findIndex(isRule) : -1;
  return lines.filter((line, i) => i === firstRule || !isRule(line)).join('\n');
}

/** File names may hold line breaks, which would shift the cells below. */
function inOneLine(cell: string | number): string {
  return String(cell).replace(/[\r\n]+/g, ' ');
}
