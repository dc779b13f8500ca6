import { buildDocumentedRow, buildUsageRow, formatBatchTime, formatDay, type UsageRow } from './usage-row.ts';

const seed = 20_261_120;
const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
/** Partner Center's daily batch appears at 06:00 UTC; on the 1st the old month is shown until then. */
const batchMs = 6 * hourMs;

const rates = { EUR: 0.92, USD: 1, GBP: 0.8183, SEK: 9.72325, JPY: 149.31, DKK: 6.87, PLN: 3.98, CHF: 0.88 };
const plans = Object.entries(rates);
const locales = Object.entries({
  'de-DE': rates.EUR,
  'fr-FR': rates.EUR,
  'en-US': rates.USD,
  'en-GB': rates.GBP,
  'sv-SE': rates.SEK,
  'ja-JP': rates.JPY,
});
const firstNames = 'Contoso Fabrikam Northwind Straße Łódź Ægir Été 東京 Αθήνα Адвент'.split(' ');
const lastNames = 'Retail Energy Health Logistics Bank Media Foods Labs GmbH AB 株式会社'.split(' ');
const hostileNames = [
  'O\'Brien "Quoted" \\ Sons',
  'Two\nLines\r\nand\ttabs',
  'Comma, semicolon; and | pipe',
  "=cmd|' /C calc'!A0",
  '+1-2@SUM(A1:A9)',
  'شركة الاختبار \u202eright to left',
  'Emoji 👩‍👩‍👧 Ltd 🚀',
  'e\u0301 is not \u00e9',
  '  spaces around  ',
  '<script>alert(1)</script>&amp;',
  '{"items":[{"totalCost":1}]}],"',
  'line\u2028separator\u2029paragraph\u0000nul',
  '',
];

/** The start of the UTC day whose batch is listed at `nowMs`. */
export function findListDay(nowMs: number): number {
  return Math.floor((nowMs - batchMs) / dayMs) * dayMs;
}

/** Record `number` as listed on `day`: the documented ones first, then generated ones that depend on nothing else. */
export function createUsageRow(number: number, day: number): UsageRow {
  return buildDocumentedRow(number, day) ?? generateRow(number, day);
}

function generateRow(number: number, day: number): UsageRow {
  const random = createRandom(number);
  // One customer in fifty has two rows: a legacy subscription and an Azure plan.
  const pair = { 9: 'legacy', 10: 'plan' }[number % 50];
  const customer = pair === 'plan' ? number - 1 : number;
  const isUpgraded = pair === undefined ? random() < 0.7 : pair === 'plan';
  const [currency, rate] = pick(isUpgraded ? plans : locales, random);
  const monthlyUsd = random() < 0.06 ? 0 : 10 ** (random() * 4.2);
  const budget = random() < 0.4 ? 0 : Math.ceil(monthlyUsd * rate * (0.4 + random() * 1.8)) + 1;
  const amount = budget === 0 ? '' : `${budget}${pick(['', '', '.000000', '.5'], random)}`;

  const usd = Math.floor(monthlyUsd * 100 * calculateShare(number, day)) / 100;
  const total = usd === 0 ? '0' : `${(usd * rate).toFixed(6)}${digits(14, random)}`;
  const percent = amount === '' ? 0 : Math.round((Number(total) / Number(amount)) * 10_000) / 100;
  const usdTotal = isUpgraded && usd > 0 ? `${usd.toFixed(2)}000000000000${digits(4, random)}` : '0';
  return buildUsageRow({
    id: generateCustomerId(customer),
    name: generateName(customer),
    isUpgraded,
    currency,
    amount,
    figures: [String(percent), total, usdTotal],
    lastModifiedDate: isUpgraded ? formatBatchTime(day) : generateLegacyTime(day, random),
  });
}

/** A name as JSON text; some are escaped to ASCII, as in some answers of Partner Center. */
function generateName(number: number): string {
  const random = createRandom(number, 1);
  const hostile = hostileNames[Math.floor(number / 12) % hostileNames.length] ?? '';
  const name = number % 12 === 5 ? hostile : `${pick(firstNames, random)} ${pick(lastNames, random)} ${number}`;
  const text = JSON.stringify(name);
  return number % 3 === 0 ? text.replaceAll(/[^\x20-\x7e]/g, escapeUnit) : text;
}

function escapeUnit(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

function generateCustomerId(number: number): string {
  const random = createRandom(number, 2);
  const hex = (length: number) =>
    Math.floor(random() * 16 ** length)
      .toString(16)
      .padStart(length, '0');
  const id = `${hex(8)}-${hex(4)}-4${hex(3)}-8${hex(3)}-${hex(6)}${hex(6)}`;
  return number % 20 === 7 ? id.toUpperCase() : id;
}

/** The share of the month's cost that is spent by `day`; it never shrinks from day to day. One customer in a hundred jumps on the 20th. */
function calculateShare(number: number, day: number): number {
  const date = new Date(day).getUTCDate();
  const jumpDays = number % 100 === 33 && date >= 20 ? 12 : 0;
  return (date - 1 + jumpDays + createRandom(number, day / dayMs)()) / 30;
}

/** The time of a legacy row: its own, up to four days older; a few are of the month before. */
function generateLegacyTime(day: number, random: () => number): string {
  const first = Date.parse(`${formatDay(day).slice(0, 8)}01`);
  if (random() < 0.05) return `${formatDay(first - 3 * dayMs)}T13:07:41.193-07:00`;
  const own = Math.max(first, day - Math.floor(random() * 5) * dayMs);
  return `${formatDay(own)}T0${Math.floor(random() * 5)}:00:${pick(['16.57', '41.193', '07', '11.1433333'], random)}+00:00`;
}

function digits(count: number, random: () => number): string {
  return Array.from({ length: Math.ceil(count / 7) }, () => Math.floor(random() * 1e7))
    .map((seven) => String(seven).padStart(7, '0'))
    .join('')
    .slice(-count);
}

function pick<T>(choices: readonly T[], random: () => number): T {
  const choice = choices[Math.floor(random() * choices.length)];
  if (choice === undefined) throw new RangeError('nothing to pick from');
  return choice;
}

/** Random numbers in [0, 1), the same for the same arguments (mulberry32). */
function createRandom(number: number, salt = 0): () => number {
  let state = Math.imul(number + 1, 0x9e37_79b1) ^ Math.imul(salt + 1, 0x85eb_ca6b) ^ seed;
  return () => {
    state = (state + 0x6d2b_79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
