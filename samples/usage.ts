// npm run usage -- --minPercentUsed 80 --orderby 'percentUsed desc'
import { createUsageClient, isAmount, UsageApiError } from './usage-client.ts';
import type { UsagePage } from './usage-client.ts';
import { helpText, parseUsageOptions, UsageOptionError } from './usage-options.ts';
import type { UsageOptions } from './usage-options.ts';
import { formatUsageFooter, formatUsageTable } from './usage-table.ts';
import { describeUsageError } from './usage-errors.ts';

const failed = 1;
const usageError = 2;

async function main(): Promise<void> {
  // The reader may stop early, as `head` does.
  process.stdout.on('error', () => process.exit(0));
  const options = readOptions();
  if (options === undefined) return;
  if (options.help) return write(helpText);
  try {
    await printUsage(options);
  } catch (error) {
    if (!(error instanceof UsageApiError)) throw error;
    process.exitCode = error.failure.status === 400 ? usageError : failed;
    for (const line of describeUsageError(error, options)) console.error(line);
  }
}

function readOptions(): UsageOptions | undefined {
  try {
    return parseUsageOptions(process.argv.slice(2), process.env);
  } catch (error) {
    if (!(error instanceof UsageOptionError)) throw error;
    process.exitCode = usageError;
    console.error(error.message);
    return undefined;
  }
}

async function printUsage({ url, key, output, exact, filters }: UsageOptions): Promise<void> {
  const client = createUsageClient({ url, key });
  if (output === 'csv') return write(await client.csv(filters));
  const page = await client.all(filters);
  if (output === 'json') return write(formatJson(page));
  const isTerminal = process.stdout.isTTY;
  const lines = formatUsageTable(page.value, {
    width: isTerminal ? process.stdout.columns : undefined,
    bars: isTerminal ? 'drawn' : 'ascii',
    colours: isTerminal && (process.env['NO_COLOR'] ?? '') === '',
    exact,
  });
  const shown = page.value.length === 0 ? ['no customer matches'] : lines;
  write([...shown, '', formatUsageFooter(page, exact, Date.now()), ''].join('\n'));
}

/** The page as JSON, one row per line, amounts as numbers with all their digits. */
function formatJson({ value, totalCount, snapshot }: UsagePage): string {
  const rows = value.map((row) => {
    const members = Object.entries(row).map(([name, member]) => {
      const text = isAmount(name) && member !== null ? String(member) : JSON.stringify(member);
      return `${JSON.stringify(name)}:${text}`;
    });
    return `{${members.join(',')}}`;
  });
  return `{"value":[\n${rows.join(',\n')}\n],"totalCount":${totalCount},"snapshot":${JSON.stringify(snapshot)}}\n`;
}

function write(output: string | Uint8Array): void {
  process.stdout.write(output);
}

await main();
