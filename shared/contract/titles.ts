const irregular: ReadonlyMap<string, string> = new Map([
  ['orderby', 'Order By'],
  ['maxpagesize', 'Page Size'],
]);
const acronyms: ReadonlySet<string> = new Set(['api', 'csv', 'id', 'url', 'usd']);

/** The title that flows show for a name: `minUsdTotalCost` becomes `Min USD Total Cost`. */
export function toTitle(name: string): string {
  return (
    irregular.get(name) ??
    name
      .split(/-|(?=[A-Z])/)
      .map(capitalize)
      .join(' ')
  );
}

function capitalize(word: string): string {
  if (acronyms.has(word.toLowerCase())) return word.toUpperCase();
  return word.charAt(0).toUpperCase() + word.slice(1);
}
