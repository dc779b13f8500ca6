/** Reads CSV (RFC 4180, with any separator, and a byte-order mark or none) into cells; refuses what the RFC does not allow. */
export function readCsv(text: string, separator: string, lineEnd = '\r\n'): string[][] {
  const rows: string[][] = [];
  let cells: string[] = [];
  let rest = text.replace(/^\uFEFF/, '');
  while (rest !== '') {
    const quoted = /^"((?:[^"]|"")*)"/.exec(rest);
    const bare = rest.slice(0, rest.search(new RegExp(`${separator}|${lineEnd}`)));
    if (quoted === null && bare.includes('"')) throw new Error('a quote inside a bare cell');
    cells.push(quoted === null ? bare : (quoted[1] ?? '').replaceAll('""', '"'));
    rest = rest.slice((quoted?.[0] ?? bare).length);
    if (rest.startsWith(lineEnd)) {
      rows.push(cells);
      cells = [];
      rest = rest.slice(lineEnd.length);
    } else if (rest.startsWith(separator)) rest = rest.slice(1);
    else throw new Error('a cell ends with neither separator nor line end');
  }
  if (cells.length > 0) throw new Error('the last line has no end');
  return rows;
}
