import { parseArgs } from 'node:util';
import { calculateRates, mixRates, simulate } from './spend-jumps/simulation.ts';
import type { Rates } from './spend-jumps/simulation.ts';

/** `node bench/spend-jumps.ts`: false events and missed jumps in simulated years of ordinary customers. */
const { values: options } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    years: { type: 'string', default: '3' },
    customers: { type: 'string', default: '300' },
    'budget-percent': { type: 'string', default: '10' },
    usd: { type: 'string', default: '50' },
  },
});
const figures = simulate({
  seed: Number(options.seed),
  years: Number(options.years),
  customersAKind: Number(options.customers),
  budgetPercent: Number(options['budget-percent']),
  usd: Number(options.usd),
});

console.log(
  `seed ${options.seed}: ${options.years} years, ${options.customers} customers of each kind, ` +
    `floors ${options['budget-percent']}% of the budget and ${options.usd} USD\n`,
);
printRow(['kind', 'customer-months', 'false events', 'per 1000', 'tenfold days', 'told at once', 'below the floor']);
for (const [kind, row] of figures) {
  const { customerMonths, falseEvents, tenfoldDays, tenfoldBelowFloor } = row;
  const rates = formatRates(calculateRates(row));
  printRow([kind, Math.round(customerMonths), falseEvents, rates[0], tenfoldDays, rates[1], tenfoldBelowFloor]);
}
const mix = formatRates(mixRates(figures));
printRow(['all, by their shares', '', '', mix[0], '', mix[1], '']);

function formatRates({ falsePerThousand, told }: Rates): readonly [string, string] {
  return [falsePerThousand.toFixed(2), Number.isNaN(told) ? '-' : `${(told * 100).toFixed(1)}%`];
}

function printRow([kind = '', ...cells]: readonly (string | number)[]): void {
  console.log(String(kind).padEnd(22) + cells.map((cell) => String(cell).padStart(16)).join(''));
}
