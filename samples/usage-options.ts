import { readFileSync } from 'node:fs';

/** What the command was asked to do. */
export type UsageOptions = {
  readonly url: string;
  readonly key: string | undefined;
  readonly output: 'table' | 'json' | 'csv';
  readonly exact: boolean;
  readonly help: boolean;
  /** All other options, which are parameters of the API. A repeated name stays repeated, and the service refuses it. */
  readonly filters: URLSearchParams;
};

/** A mistake in the command line. */
export class UsageOptionError extends Error {
  override readonly name = 'UsageOptionError';
}

/** The text of `--help`. */
export const helpText = `npm run usage -- [options] [filters]

Lists the estimated usage of every customer against its budget.

  --url URL       URL of the service; default USAGE_API_URL, then http://localhost:7071
  --key KEY       function key; default USAGE_API_KEY, then the key of \`npm start\` for a service on this machine
  --as-of DAY     list of an earlier day, such as 2026-11-20
  --period MONTH  closing list of a month, such as 2026-10
  --json          print JSON, one row per line
  --csv           print CSV
  --exact         show all digits of amounts instead of 2 decimal places
  --help          show this help

Every parameter of the API is an option too (docs/reference/parameters.md):
  --minPercentUsed 80   --hasBudget true   --currencyCode EUR   --search contoso   --orderby 'percentUsed desc'   --top 20
`;

const flags = ['json', 'csv', 'exact', 'help'];
const ownParameters: Readonly<Record<string, string>> = {
  view: 'rows are always flat',
  format: 'use --json or --csv',
};

/** The options of the command line, with defaults from the environment. Throws UsageOptionError. */
export function parseUsageOptions(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): UsageOptions {
  const { values, given } = parseNamedValues(args);
  const url = values.get('url') ?? env['USAGE_API_URL'] ?? 'http://localhost:7071';
  if (!/^https?:$/.test(URL.parse(url)?.protocol ?? '')) {
    throw new UsageOptionError('--url: expected a URL such as http://localhost:7071');
  }
  if (given.has('json') && given.has('csv')) throw new UsageOptionError('use --json or --csv, not both');
  const filters = new URLSearchParams([...values].filter(([name]) => name !== 'url' && name !== 'key'));
  const output = given.has('json') ? 'json' : given.has('csv') ? 'csv' : 'table';
  if (output === 'table' && filters.has('select')) {
    throw new UsageOptionError('--select: needs --json or --csv');
  }
  const key = values.get('key') ?? env['USAGE_API_KEY'] ?? readLocalKey(url);
  return { url, key, output, exact: given.has('exact'), help: given.has('help'), filters };
}

function parseNamedValues(args: readonly string[]) {
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
    if (value === undefined) throw new UsageOptionError(`--${name}: expected a value`);
    values.append(name === 'as-of' ? 'asOf' : name, value);
  }
  return { values, given };
}

/** The key that `npm start` wrote; sent to this machine only. */
function readLocalKey(url: string): string | undefined {
  if (!isOnThisMachine(url)) return undefined;
  try {
    const kept: unknown = JSON.parse(readFileSync('.local/keys.json', 'utf8'));
    const isKept = typeof kept === 'object' && kept !== null && 'hostKey' in kept;
    return isKept && typeof kept.hostKey === 'string' ? kept.hostKey : undefined;
  } catch {
    return undefined;
  }
}

/** Whether the URL is on this machine. */
export function isOnThisMachine(url: string): boolean {
  return ['localhost', '127.0.0.1', '[::1]'].includes(new URL(url).hostname);
}
