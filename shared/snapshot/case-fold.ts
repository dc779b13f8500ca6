/**
 * A text as search and ordering compare it: NFKC and case-folded, the same on every machine. Folding by upper and then lower
 * case joins `ß` with `SS` and `ς` with `σ`, as Unicode's full case folding does.
 */
export function fold(text: string): string {
  if (western.test(text)) return text.toLowerCase();
  return text.normalize('NFKC').toUpperCase().toLowerCase().replaceAll('ς', 'σ').normalize('NFKC');
}

/** Letters that NFKC leaves alone and that lower case alone folds: a tenth of the time for most names. */
const western = /^[ -~À-ÖØ-Þà-öø-þ]*$/;
