import { readFileSync } from 'node:fs';

/** What the command was asked to do. */
export type UsageOptions = {
  readonly url: string;
  readonly key: string | undefined;
  readonly output: 'table' | 'json' | 'csv';
  readonly exact: boolean;
  readonly help: boolean;
  /** Everything else, by the API's names; a name given twice is there twice, and the service says so. */
  readonly filters: URLSearchParams;
};

/** A mistake in the command line. */
export class UsageOptionError extends Error {
  override readonly name = 'UsageOptionError';
}

/** How the command is used. */
export const helpText = `npm run usage -- [options] [filters]

Lists the estimated usage of every customer against its budget.

  --url URL     the service; else USAGE_API_URL, else http://localhost:7071
  --key KEY     a function key; else USAGE_API_KEY, else that of \`npm start\` for a service on this machine
  --json        the rows as JSON, one a line
  --csv         the rows as a CSV file
  --exact       all digits of an amount; the table rounds to 2 places
  --help        this

Any parameter of the API is a filter by its name (docs/reference/parameters.md):
  --minPercentUsed 80   --hasBudget true   --currencyCode EUR   --search contoso   --orderby 'percentUsed desc'   --top 20
`;

const flags = ['json', 'csv', 'exact', 'help'];
const ownParameters: Readonly<Record<string, string>> = {
  view: 'the rows are always flat ones',
  format: 'use --json or --csv',
};

/** Reads the command line and what the environment adds to it. Throws UsageOptionError. */
export function parseUsageOptions(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): UsageOptions {
  const { values, given } = namedValuesOf(args);
  const url = values.get('url') ?? env['USAGE_API_URL'] ?? 'http://localhost:7071';
  if (!/^https?:$/.test(URL.parse(url)?.protocol ?? '')) {
    throw new UsageOptionError(`--url: expected an address such as http://localhost:7071`);
  }
  if (given.has('json') && given.has('csv')) throw new UsageOptionError('--json and --csv: only one of them');
  const filters = new URLSearchParams([...values].filter(([name]) => name !== 'url' && name !== 'key'));
  const output = given.has('json') ? 'json' : given.has('csv') ? 'csv' : 'table';
  if (output === 'table' && filters.has('select')) {
    throw new UsageOptionError('--select: the table has its own fields; with --json or --csv');
  }
  const key = values.get('key') ?? env['USAGE_API_KEY'] ?? localKeyFor(url);
  return { url, key, output, exact: given.has('exact'), help: given.has('help'), filters };
}

function namedValuesOf(args: readonly string[]) {
  const values = new URLSearchParams();
  const given = new Set<string>();
  const rest = [...args];
  for (let argument = rest.shift(); argument !== undefined; argument = rest.shift()) {
    const [, name = '', inline] = /^--([^=]+)(?:=(.*))?$/s.exec(argument) ?? [];
    if (name === '') throw new UsageOptionError(`${argument}: expected --name value`);
    if (Object.hasOwn(ownParameters, name)) throw new UsageOptionError(`--${name}: ${ownParameters[name]}`);
    if (flags.includes(name) && inline === undefined) {
      given.add(name);
      continue;
    }
    const value = inline ?? rest.shift();
    if (value === undefined) throw new UsageOptionError(`--${name}: expected a value behind it`);
    values.append(name, value);
  }
  return { values, given };
}

/** `npm start` keeps its keys here; they are of no use, and not sent, anywhere but on this machine. */
function localKeyFor(url: string): string | undefined {
  if (!isOnThisMachine(url)) return undefined;
  try {
    const kept: unknown = JSON.parse(readFileSync('.local/keys.json', 'utf8'));
    const isKept = typeof kept === 'object' && kept !== null && 'hostKey' in kept;
    return isKept && typeof kept.hostKey === 'string' ? kept.hostKey : undefined;
  } catch {
    return undefined;
  }
}

/** True when the address is one of this machine itself. */
export function isOnThisMachine(url: string): boolean {
  return ['localhost', '127.0.0.1', '[::1]'].includes(new URL(url).hostname);
}
