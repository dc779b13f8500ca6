/** The cells of a line. */
export type Row = readonly string[];

/** A Markdown table as the formatter writes it: every column as wide as its widest cell. */
export function formatTable(head: Row, rows: readonly Row[]): string {
  const cells = [head, ...rows].map((row) => row.map((cell) => cell.replaceAll('|', String.raw`\|`)));
  const widths = head.map((_, column) => Math.max(3, ...cells.map((row) => row[column]?.length ?? 0)));
  const lines = cells.map((row) => formatLine(row.map((cell, column) => cell.padEnd(widths[column] ?? 0))));
  return lines.toSpliced(1, 0, formatLine(widths.map((width) => '-'.repeat(width)))).join('\n');
}

function formatLine(cells: Row): string {
  return `| ${cells.join(' | ')} |`;
}

/** Text as code. */
export function formatCode(text: string): string {
  return `\`${text}\``;
}

/** Text as a block of code. */
export function formatCodeBlock(language: string, text: string): string {
  return `\`\`\`${language}\n${text.trimEnd()}\n\`\`\``;
}
