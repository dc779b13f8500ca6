/** One record: the JSON text of each member, which keeps every digit exact. */
export type UsageRow = Readonly<Record<string, string>>;

type RowOptions = {
  readonly id: string;
  /** As JSON text. */
  readonly name: string;
  /** Azure plan rows have a currency code, legacy rows a locale. */
  readonly isUpgraded: boolean;
  readonly currency: string;
  /** `''`: no budget. */
  readonly amount: string;
  readonly figures: readonly [percentUsed: string, totalCost: string, usdTotalCost: string];
  readonly lastModifiedDate: string;
};

const budgetAttributes = '"attributes": {"objectType": "SpendingBudget"}';
const none = ['0', '0', '0'] as const;

/** A CustomerMonthlyUsageRecord with its members in the documented order and the figures digit for digit. */
export function buildUsageRow(options: RowOptions): UsageRow {
  const { id, name, isUpgraded, currency, amount, figures, lastModifiedDate } = options;
  const budget = amount === '' ? `{${budgetAttributes}}` : `{"amount": ${amount}, ${budgetAttributes}}`;
  const [percentUsed, totalCost, usdTotalCost] = figures;
  return {
    budget,
    ...(!isUpgraded && { customerSpendingBudget: budget }),
    percentUsed,
    isUpgraded: String(isUpgraded),
    resourceId: `"${id}"`,
    id: `"${id}"`,
    resourceName: name,
    name,
    totalCost,
    [isUpgraded ? 'currencyCode' : 'currencyLocale']: `"${currency}"`,
    usdTotalCost,
    lastModifiedDate: `"${lastModifiedDate}"`,
    attributes: '{"objectType": "CustomerMonthlyUsageRecord"}',
  };
}

/** Source: Partner Center REST, "Get usage records for all customers". */
const documented: readonly Omit<RowOptions, 'lastModifiedDate'>[] = [
  {
    id: '11111111-1843-4b3b-872f-206e08a08e51',
    name: '"LEGACY AZURE CUSTOMER SE"',
    isUpgraded: false,
    currency: 'fr-FR',
    amount: '',
    figures: none,
  },
  {
    id: '11111111-6fb9-4b05-8f15-b3d72e0596e6',
    name: '"Modern Azure Customer SE"',
    isUpgraded: true,
    currency: 'SEK',
    amount: '20',
    figures: ['602.84', '120.5682999999995904716', '12.39999999999999985235'],
  },
  {
    id: '11111111-5892-4326-8541-9da1fdb233fb',
    name: '"Test_Test_MA20190829_14"',
    isUpgraded: true,
    currency: 'GBP',
    amount: '',
    figures: none,
  },
  {
    id: '11111111-641b-4c53-b7fc-0f2bfca8a581',
    name: '"Modern Azure Customer UK"',
    isUpgraded: true,
    currency: 'GBP',
    amount: '97',
    figures: ['28.08', '27.23292827625710931604', '33.280000000000001044'],
  },
];

/** Record `number` of the documented response, with its date moved into the month of `day`; undefined after the last one. */
export function buildDocumentedRow(number: number, day: number): UsageRow | undefined {
  const row = documented[number];
  const legacyDate = `${formatDay(day).slice(0, 8)}01T03:00:16.57+00:00`;
  return row && buildUsageRow({ ...row, lastModifiedDate: row.isUpgraded ? formatBatchTime(day) : legacyDate });
}

/** The time all Azure plan rows of a day share: before 06:00, when that day's list appears. */
export function formatBatchTime(day: number): string {
  return `${formatDay(day)}T05:08:11.1433333+00:00`;
}

/** `2026-11-20` */
export function formatDay(instant: number): string {
  return new Date(instant).toISOString().slice(0, 10);
}
