type Price = { readonly dollars: number; readonly per: number; readonly unit: string; readonly asOf: string };

/** Pay-as-you-go prices in US dollars, with the date of their third-party source. Check Azure's own pages before quoting them. */
const prices = {
  'Flex Consumption, active time': { dollars: 0.000026, per: 1, unit: 'GB-s', asOf: '2025-02' },
  'Flex Consumption, executions': { dollars: 0.4, per: 1_000_000, unit: 'executions', asOf: '2025-02' },
  'Blob reads (hot, LRS)': { dollars: 0.004, per: 10_000, unit: 'calls', asOf: '2023-09' },
  'Blob writes (hot, LRS)': { dollars: 0.05, per: 10_000, unit: 'calls', asOf: '2023-09' },
  'Blob capacity (hot, LRS)': { dollars: 0.0184, per: 1, unit: 'GB a month', asOf: '2023-09' },
  'Key Vault': { dollars: 0.03, per: 10_000, unit: 'calls', asOf: 'undated' },
  'Log Analytics ingestion': { dollars: 2.3, per: 1, unit: 'GB', asOf: '2020-06' },
} as const satisfies Record<string, Price>;

/** Free every month: for on-demand instances and one workspace. */
const grants = { gbSeconds: 100_000, executions: 250_000, logGb: 5 };

const hoursAMonth = 730;
const looksAnHour = 12;
const memorySizesGb = [0.5, 2];

export type Load = {
  readonly calls: number;
  /** Billed instance-seconds per call: 1 when short calls never overlap, because Azure bills at least one second. */
  readonly activeSeconds: number;
  readonly memoryGb: number;
};

/** Dollars for active time and executions, before the free grant. */
export function calculateComputeCost({ calls, activeSeconds, memoryGb }: Load): number {
  return (
    calculateCost('Flex Consumption, active time', calls * activeSeconds * memoryGb) + calculateExecutionsCost(calls)
  );
}

/** Dollars a month for compute after the free grant: the timer every 5 minutes, one second each, and these calls. */
export function calculateMonthlyComputeCost({ calls, activeSeconds, memoryGb }: Load): number {
  const looks = hoursAMonth * looksAnHour;
  const gbSeconds = (looks + calls * activeSeconds) * memoryGb - grants.gbSeconds;
  const executions = looks + calls - grants.executions;
  return (
    calculateCost('Flex Consumption, active time', Math.max(0, gbSeconds)) +
    calculateExecutionsCost(Math.max(0, executions))
  );
}

/** Other costs of a month without callers, in dollars: storage, vault and logs of the timer and its 730 refreshes. */
export function listIdleCosts(snapshotMb: number) {
  const refreshes = hoursAMonth;
  const looks = hoursAMonth * looksAnHour;
  // Every list is new for 62 days, which is the worst case; a usual day keeps its first list and that of Partner Center's batch.
  const capacityGb = ((62 * 24 + 400 * 2 + 120) * snapshotMb) / 1000;
  const logGb = (looks * 3 + refreshes * 6) / 1_000_000;
  return {
    'Blob reads: the pointer at each look, twice more at a refresh': calculateCost(
      'Blob reads (hot, LRS)',
      looks + 2 * refreshes,
    ),
    'Blob writes: lease, list, pointer at a refresh': calculateCost('Blob writes (hot, LRS)', 5 * refreshes),
    'Blob capacity: 62 days of lists, 400 days with two copies, 120 months': calculateCost(
      'Blob capacity (hot, LRS)',
      capacityGb,
    ),
    'Key Vault: two reads a refresh, a write a day': calculateCost('Key Vault', 2 * refreshes + 30),
    'Logs: 3 kB a look, 6 kB a refresh': calculateCost('Log Analytics ingestion', Math.max(0, logGb - grants.logGb)),
  };
}

/** Rows of the price table: meter, price, date. */
export function listPrices(): string[][] {
  return Object.entries(prices).map(([meter, { dollars, per, unit, asOf }]) => [
    meter,
    `$${String(dollars).padEnd(4, '0')} per ${per === 1 ? '' : `${per.toLocaleString('en')} `}${unit}`,
    asOf,
  ]);
}

/** Rows of a million calls: the load, and its price on 512 MB and on 2 GB. */
export function listCostsPerMillion(): string[][] {
  const calls = 1_000_000;
  const compute = (activeSeconds: number) =>
    memorySizesGb.map((memoryGb) => formatDollars(calculateComputeCost({ calls, activeSeconds, memoryGb })));
  return [
    ['Calls that never overlap', ...compute(1)],
    ['40 a second, 10 at once on each instance', ...compute(1 / 40)],
    [
      'On top: a blob read a call, which only sleepy instances need',
      ...repeatForSizes(calculateCost('Blob reads (hot, LRS)', calls)),
    ],
    [
      'On top: a request row of 1 kB a call, past the free 5 GB',
      ...repeatForSizes(calculateCost('Log Analytics ingestion', 1)),
    ],
  ];
}

/** Rows of a month: the load, and its price on 512 MB and on 2 GB. */
export function listCostsPerMonth(): string[][] {
  const pollingCalls = hoursAMonth * 60;
  const idle = Object.entries(listIdleCosts(1)).map(([what, dollars]) => [what, ...repeatForSizes(dollars)]);
  return [
    ['Compute: the timer alone', ...formatMonthlyCosts(0)],
    ...idle,
    ['Compute, with one flow that asks every minute', ...formatMonthlyCosts(pollingCalls)],
    ['Compute, with ten such flows that never overlap', ...formatMonthlyCosts(10 * pollingCalls)],
  ];
}

/** Each call is billed as one second, the minimum for calls that do not overlap. */
function formatMonthlyCosts(calls: number): string[] {
  return memorySizesGb.map((memoryGb) =>
    formatDollars(calculateMonthlyComputeCost({ calls, activeSeconds: 1, memoryGb })),
  );
}

function repeatForSizes(dollars: number): string[] {
  return memorySizesGb.map(() => formatDollars(dollars));
}

function calculateExecutionsCost(executions: number): number {
  return calculateCost('Flex Consumption, executions', executions);
}

function calculateCost(meter: keyof typeof prices, amount: number): number {
  const { dollars, per } = prices[meter];
  return (amount / per) * dollars;
}

function formatDollars(dollars: number): string {
  return dollars > 0 && dollars < 0.005 ? 'under $0.01' : `$${dollars.toFixed(2)}`;
}
