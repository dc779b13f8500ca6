const uuid = '11111111-6fb9-4b05-8f15-b3d72e0596e6';

const percents = [
  '-0.1',
  '1000000.1',
  '1e2',
  '80%',
  '0x10',
  '1.23456',
  'NaN',
  'Infinity',
  '.5',
  '5.',
  '1,5',
  '+5',
  ' 5',
];
const costs = ['1000000000.1', '-1000000001', '1e3', '1.00001', 'EUR 5', '1 000', '--1', 'ten'];
const flags = ['TRUE', 'True', '1', '0', 'yes', 'null', 'true,true', ' true'];

/** For each parameter a good value, bad ones, the code they raise, and what else the request needs. */
export const parameterValues: Readonly<
  Record<string, { good: string; bad: readonly string[]; code?: string; beside?: string }>
> = {
  'api-version': {
    good: '2026-11-01',
    bad: ['2026-11-02', '2026-11', 'latest', '2027-01-01', '2026-11-01 ', '2026-11-01,2026-11-01'],
    code: 'UnsupportedApiVersionValue',
  },
  view: { good: 'full', bad: ['Full', 'FULL', 'rows', 'full,full'] },
  format: { good: 'json', bad: ['JSON', 'xml', 'application/json'] },
  select: {
    good: 'customerId',
    bad: ['customerid', 'resourceId', 'customerId,', ',', 'customerId;period', '*'],
    code: 'InvalidSelect',
    beside: '&view=flat',
  },
  csvSeparator: { good: 'tab', bad: ['TAB', ';', 'pipe', 'comma,tab'], beside: '&format=csv' },
  asOf: {
    good: '2026-11-20',
    bad: [
      '2026-02-30',
      '2026-11-31',
      '2026-13-01',
      '20.11.2026',
      '2026-11-20T00:00:00Z',
      '2026-11',
      '1448-06-10',
      '2026-11-21',
    ],
  },
  period: {
    good: '2026-11',
    bad: ['2026-13', '2026-00', '2026-1', '202611', '11-2026', '2026-11-20', '1448-06', '2026-12'],
  },
  minPercentUsed: { good: '80', bad: percents },
  maxPercentUsed: { good: '80', bad: percents },
  hasBudget: { good: 'true', bad: flags },
  isUpgraded: { good: 'false', bad: flags },
  currencyCode: {
    good: 'EUR,none',
    bad: ['eur', 'EURO', 'EU', 'EUR;USD', 'EUR,,USD', ',', 'EUR,usd', 'None', '*', codesOf(21)],
  },
  minTotalCost: { good: '5', bad: costs, beside: '&currencyCode=EUR' },
  maxTotalCost: { good: '5', bad: costs, beside: '&currencyCode=EUR' },
  minUsdTotalCost: { good: '5', bad: costs },
  maxUsdTotalCost: { good: '5', bad: costs },
  customerId: {
    good: uuid,
    bad: ['123', uuid.replaceAll('-', ''), `{${uuid}}`, `${uuid},`, `${uuid} ${uuid}`, '../../x', uuidsOf(51)],
  },
  search: { good: 'contoso', bad: ['x'.repeat(101), 'ﷺ'.repeat(6)] },
  modifiedSince: {
    good: '2026-01-01T00:00:00Z',
    bad: [
      '2026-01-20',
      '2026-01-20T02:00:00',
      '2026-01-20 02:00:00Z',
      '2026-01-20T02:00Z',
      '2026-13-01T00:00:00Z',
      '2026-02-30T00:00:00Z',
      '2026-01-20T24:00:00Z',
      '2026-01-20T02:00:00.1234Z',
      '1700000000',
      'yesterday',
      '2999-01-01T00:00:00Z',
      // The clock of these tests stands at 12:00.
      '2026-11-20T12:00:00.001Z',
    ],
  },
  projectedOverBudget: { good: 'true', bad: flags, beside: '&view=flat' },
  orderby: {
    good: 'customerName desc',
    bad: [
      'name',
      'percentused',
      'percentUsed DESC',
      'percentUsed descending',
      'percentUsed desc asc',
      'percentUsed,',
      'percentUsed,percentUsed desc',
      'percentUsed,usdTotalCost,customerName,budgetAmount',
      'desc',
    ],
    code: 'InvalidOrderBy',
  },
  skip: { good: '1', bad: ['-1', '1.5', '1000001', '1e3', '0x1', ' 1', 'all', '9'.repeat(30)] },
  top: { good: '5', bad: ['0', '-1', '100001', '2.5', 'all'] },
  maxpagesize: { good: '10', bad: ['0', '10001', '-5', 'ten'] },
  cursor: {
    good: 'A'.repeat(22),
    bad: ['abc', 'A'.repeat(22), 'x'.repeat(22), 'x'.repeat(200), '1', '../../../etc/passwd'],
    code: 'InvalidCursor',
  },
};

function codesOf(count: number): string {
  return Array.from({ length: count }, (_, number) => `A${String.fromCodePoint(65 + number)}A`).join(',');
}

function uuidsOf(count: number): string {
  return Array.from({ length: count }, (_, number) => uuid.replace(/.{2}$/, String(number + 10))).join(',');
}
