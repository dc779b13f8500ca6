/**
 * A text as search and ordering compare it: NFKC and case-folded, the same on every machine. Folding by upper and then lower
 * case joins `ß` with `SS` and `ς` with `σ`, as Unicode's full case folding does.
 */
export function fold(text: string): string {
  if (ascii.test(text)) return text.toLowerCase();
  return text.normalize('NFKC').toUpperCase().toLowerCase().replaceAll('ς', 'σ').normalize('NFKC');
}

const ascii = /^[ -~]*$/;
