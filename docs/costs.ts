type Price = { readonly dollars: number; readonly per: number; readonly unit: string; readonly asOf: string };

/** Pay-as-you-go prices in US dollars, each with the age of its source. Third-party figures: look at Azure's own pages before quoting them. */
const prices = {
  'Flex Consumption, active time': { dollars: 0.000026, per: 1, unit: 'GB-s', asOf: '2025-02' },
  'Flex Consumption, executions': { dollars: 0.4, per: 1_000_000, unit: 'executions', asOf: '2025-02' },
  'Blob reads (hot, LRS)': { dollars: 0.004, per: 10_000, unit: 'calls', asOf: '2023-09' },
  'Blob writes (hot, LRS)': { dollars: 0.05, per: 10_000, unit: 'calls', asOf: '2023-09' },
  'Blob capacity (hot, LRS)': { dollars: 0.0184, per: 1, unit: 'GB a month', asOf: '2023-09' },
  'Key Vault': { dollars: 0.03, per: 10_000, unit: 'calls', asOf: 'undated' },
  'Log Analytics ingestion': { dollars: 2.3, per: 1, unit: 'GB', asOf: '2020-06' },
} as const satisfies Record<string, Price>;

/** What a month brings for nothing: on-demand instances only, and one workspace. */
const grants = { gbSeconds: 100_000, executions: 250_000, logGb: 5 };

const hoursAMonth = 730;
const looksAnHour = 12;
const memorySizesGb = [0.5, 2];

export type Load = {
  readonly calls: number;
  /** Instance-seconds a call keeps busy: 1 when short calls never overlap, because a second is the least that is billed. */
  readonly activeSeconds: number;
  readonly memoryGb: number;
};

/** Dollars for active time and executions, before the free grant. */
export function computeCostOf({ calls, activeSeconds, memoryGb }: Load): number {
  return costOf('Flex Consumption, active time', calls * activeSeconds * memoryGb) + executionsCostOf(calls);
}

/** Dollars a month for compute after the free grant: an hourly refresh, a look every 5 minutes of a second each, and these calls. */
export function monthlyComputeCostOf({ calls, activeSeconds, memoryGb }: Load): number {
  const looks = hoursAMonth * looksAnHour;
  const gbSeconds = (looks + calls * activeSeconds) * memoryGb - grants.gbSeconds;
  const executions = looks + calls - grants.executions;
  return costOf('Flex Consumption, active time', Math.max(0, gbSeconds)) + executionsCostOf(Math.max(0, executions));
}

/** The rest of a month in which nobody calls, in dollars: storage, vault and logs of the timer and its 730 refreshes. */
export function idleCosts(snapshotMb: number) {
  const refreshes = hoursAMonth;
  const looks = hoursAMonth * looksAnHour;
  // Every list new, the worst case: 62 days of lists and 400 daily ones.
  const capacityGb = ((62 * 24 + 400) * snapshotMb) / 1000;
  const logGb = (looks * 3 + refreshes * 6) / 1_000_000;
  return {
    'Blob reads: the pointer at each look, twice more at a refresh': costOf(
      'Blob reads (hot, LRS)',
      looks + 2 * refreshes,
    ),
    'Blob writes: lease, list, pointer at a refresh': costOf('Blob writes (hot, LRS)', 5 * refreshes),
    'Blob capacity: 62 days of lists and 400 daily ones': costOf('Blob capacity (hot, LRS)', capacityGb),
    'Key Vault: two reads a refresh, a write a day': costOf('Key Vault', 2 * refreshes + 30),
    'Logs: 3 kB a look, 6 kB a refresh': costOf('Log Analytics ingestion', Math.max(0, logGb - grants.logGb)),
  };
}

/** Rows of the price table: meter, price, date. */
export function priceRows(): string[][] {
  return Object.entries(prices).map(([meter, { dollars, per, unit, asOf }]) => [
    meter,
    `$${String(dollars).padEnd(4, '0')} per ${per === 1 ? '' : `${per.toLocaleString('en')} `}${unit}`,
    asOf,
  ]);
}

/** Rows of a million calls: what happens, and the price on 512 MB and on 2 GB. */
export function millionRows(): string[][] {
  const calls = 1_000_000;
  const compute = (activeSeconds: number) =>
    memorySizesGb.map((memoryGb) => dollarsOf(computeCostOf({ calls, activeSeconds, memoryGb })));
  return [
    ['Calls that never overlap', ...compute(1)],
    ['40 a second, 10 at once on each instance', ...compute(1 / 40)],
    ['On top: a blob read a call, which only sleepy instances need', ...same(costOf('Blob reads (hot, LRS)', calls))],
    ['On top: a request row of 1 kB a call, past the free 5 GB', ...same(costOf('Log Analytics ingestion', 1))],
  ];
}

/** Rows of a month: what runs, and the price on 512 MB and on 2 GB. */
export function monthRows(): string[][] {
  const pollingCalls = hoursAMonth * 60;
  const idle = Object.entries(idleCosts(1)).map(([what, dollars]) => [what, ...same(dollars)]);
  return [
    ['Compute: the timer alone', ...monthly(0)],
    ...idle,
    ['Compute, with one flow that asks every minute', ...monthly(pollingCalls)],
    ['Compute, with ten such flows that never overlap', ...monthly(10 * pollingCalls)],
  ];
}

/** A second a call: the least that is billed for one that runs alone. */
function monthly(calls: number): string[] {
  return memorySizesGb.map((memoryGb) => dollarsOf(monthlyComputeCostOf({ calls, activeSeconds: 1, memoryGb })));
}

function same(dollars: number): string[] {
  return memorySizesGb.map(() => dollarsOf(dollars));
}

function executionsCostOf(executions: number): number {
  return costOf('Flex Consumption, executions', executions);
}

function costOf(meter: keyof typeof prices, amount: number): number {
  const { dollars, per } = prices[meter];
  return (amount / per) * dollars;
}

function dollarsOf(dollars: number): string {
  return dollars > 0 && dollars < 0.005 ? 'under $0.01' : `$${dollars.toFixed(2)}`;
}
