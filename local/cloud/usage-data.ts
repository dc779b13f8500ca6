import { documentedRows } from './documented-rows.ts';
import type { UsageRow } from './usage-row.ts';
import { batchStamp, isoDay, usageRow } from './usage-row.ts';

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
const firsts = 'Contoso Fabrikam Northwind Straße Łódź Ægir Été 東京 Αθήνα Адвент'.split(' ');
const seconds = 'Retail Energy Health Logistics Bank Media Foods Labs GmbH AB 株式会社'.split(' ');
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

/** The UTC day whose batch is listed at `nowMs`, as its first instant. */
export function listDayOf(nowMs: number): number {
  return Math.floor((nowMs - batchMs) / dayMs) * dayMs;
}

/** Record `number` as listed on `day`: the documented example's first, then generated ones. Nothing else goes in. */
export function usageRowOf(number: number, day: number): UsageRow {
  return documentedRows[number]?.(day) ?? generatedRow(number, day);
}

function generatedRow(number: number, day: number): UsageRow {
  const roll = createDice(number);
  // Of every fifty, one customer has two rows: a legacy subscription and an Azure plan.
  const pair = { 9: 'legacy', 10: 'plan' }[number % 50];
  const customer = pair === 'plan' ? number - 1 : number;
  const isUpgraded = pair === undefined ? roll() < 0.7 : pair === 'plan';
  const [currency, rate] = pick(isUpgraded ? plans : locales, roll);
  const monthlyUsd = roll() < 0.06 ? 0 : 10 ** (roll() * 4.2);
  const budget = roll() < 0.4 ? 0 : Math.ceil(monthlyUsd * rate * (0.4 + roll() * 1.8)) + 1;
  const amount = budget === 0 ? '' : `${budget}${pick(['', '', '.000000', '.5'], roll)}`;

  const usd = Math.floor(monthlyUsd * 100 * shareOfMonth(number, day)) / 100;
  const total = usd === 0 ? '0' : `${(usd * rate).toFixed(6)}${digits(14, roll)}`;
  const percent = amount === '' ? 0 : Math.round((Number(total) / Number(amount)) * 10_000) / 100;
  const usdTotal = isUpgraded && usd > 0 ? `${usd.toFixed(2)}000000000000${digits(4, roll)}` : '0';
  return usageRow({
    id: customerIdOf(customer),
    name: nameOf(customer),
    isUpgraded,
    currency,
    amount,
    figures: [String(percent), total, usdTotal],
    lastModifiedDate: isUpgraded ? batchStamp(day) : legacyStamp(day, roll),
  });
}

/** As JSON text; some of Partner Center's answers escape whatever is not ASCII. */
function nameOf(number: number): string {
  const roll = createDice(number, 1);
  const hostile = hostileNames[Math.floor(number / 12) % hostileNames.length] ?? '';
  const name = number % 12 === 5 ? hostile : `${pick(firsts, roll)} ${pick(seconds, roll)} ${number}`;
  const text = JSON.stringify(name);
  return number % 3 === 0 ? text.replaceAll(/[^\x20-\x7e]/g, escapeOf) : text;
}

function escapeOf(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

function customerIdOf(number: number): string {
  const roll = createDice(number, 2);
  const hex = (length: number) =>
    Math.floor(roll() * 16 ** length)
      .toString(16)
      .padStart(length, '0');
  const id = `${hex(8)}-${hex(4)}-4${hex(3)}-8${hex(3)}-${hex(6)}${hex(6)}`;
  return number % 20 === 7 ? id.toUpperCase() : id;
}

/** Grows from day to day and never shrinks. */
function shareOfMonth(number: number, day: number): number {
  return (new Date(day).getUTCDate() - 1 + createDice(number, day / dayMs)()) / 30;
}

/** Legacy rows keep a stamp of their own, up to four days older; a few stopped in the month before. */
function legacyStamp(day: number, roll: () => number): string {
  const first = Date.parse(`${isoDay(day).slice(0, 8)}01`);
  if (roll() < 0.05) return `${isoDay(first - 3 * dayMs)}T13:07:41.193-07:00`;
  const own = Math.max(first, day - Math.floor(roll() * 5) * dayMs);
  return `${isoDay(own)}T0${Math.floor(roll() * 5)}:00:${pick(['16.57', '41.193', '07', '11.1433333'], roll)}+00:00`;
}

function digits(count: number, roll: () => number): string {
  return Array.from({ length: Math.ceil(count / 7) }, () => Math.floor(roll() * 1e7))
    .map((seven) => String(seven).padStart(7, '0'))
    .join('')
    .slice(-count);
}

function pick<T>(choices: readonly T[], roll: () => number): T {
  const choice = choices[Math.floor(roll() * choices.length)];
  if (choice === undefined) throw new RangeError('nothing to pick from');
  return choice;
}

/** Numbers in [0, 1), the same ones for the same arguments (mulberry32). */
function createDice(number: number, salt = 0): () => number {
  let state = Math.imul(number + 1, 0x9e37_79b1) ^ Math.imul(salt + 1, 0x85eb_ca6b) ^ seed;
  return () => {
    state = (state + 0x6d2b_79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
