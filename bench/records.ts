/** What a made body looks like: how many records, from which seed, and whether it is indented. */
export type BodyOptions = { readonly records: number; readonly seed?: number };

const currencies = ['SEK', 'GBP', 'EUR', 'USD', 'DKK', 'CHF'];
const words = ['Contoso', 'Fabrikam', 'Adventure Works', 'Litware', 'Tailspin', 'Woodgrove', 'Northwind', 'Proseware'];
const forms = ['AB', 'Ltd', 'GmbH & Co. "KG"', 'SA', 'Inc.', 'ApS', 'Oy', 'Ångström AB', 'Sp. z o.o.', 'K.K.'];

/** A body as `GET /v1/customers/usagerecords` answers it: about 460 bytes a record, the same for the same options. */
export function usageBody({ records, seed = 1 }: BodyOptions): Buffer {
  const random = createRandom(seed);
  const items = Array.from({ length: records }, (_, row) => recordText(row, random));
  return Buffer.from(
    `{"totalCount":${records},"items":[${items.join(',')}],` +
      `"links":{"self":{"uri":"/customers/usagerecords","method":"GET","headers":[]}},` +
      `"attributes":{"objectType":"Collection"}}`,
  );
}

function recordText(row: number, random: () => number): string {
  const pick = (texts: readonly string[]) => texts[Math.floor(random() * texts.length)] ?? '';
  const azurePlan = random() < 0.8;
  const cost = random() < 0.1 ? '0' : longDecimal(5000, 16, random);
  const budget = random() < 0.6 ? Math.ceil(random() * 5000) : undefined;
  const percent = budget === undefined ? 0 : Math.round((Number(cost) / budget) * 10_000) / 100;
  const id = `${hex(8, random)}-${hex(4, random)}-4${hex(3, random)}-a${hex(3, random)}-${hex(12, random)}`;
  const name = JSON.stringify(`${pick(words)} ${pick(words)} ${pick(forms)} ${row}`);
  const amount = budget === undefined ? '' : `"amount":${budget},`;
  const currency = azurePlan ? `"currencyCode":"${pick(currencies)}"` : '"currencyLocale":"fr-FR"';
  const minute = String(Math.floor(random() * 60)).padStart(2, '0');
  return (
    `{"budget":{${amount}"attributes":{"objectType":"SpendingBudget"}},"percentUsed":${percent},` +
    `"isUpgraded":${azurePlan},"resourceId":"${id}","id":"${id}","resourceName":${name},"name":${name},` +
    `"totalCost":${cost},${currency},"usdTotalCost":${azurePlan ? longDecimal(5000, 17, random) : 0},` +
    `"lastModifiedDate":"2026-11-19T17:${minute}:11.1433333+00:00",` +
    `"attributes":{"objectType":"CustomerMonthlyUsageRecord"}}`
  );
}

/** A decimal with more digits than a double holds, as Partner Center writes them. */
function longDecimal(below: number, digits: number, random: () => number): string {
  const fraction = Array.from({ length: digits }, () => Math.floor(random() * 10)).join('');
  return `${Math.floor(random() * below)}.${fraction}`;
}

function hex(digits: number, random: () => number): string {
  return Array.from({ length: digits }, () => Math.floor(random() * 16).toString(16)).join('');
}

/** mulberry32: small, fast and the same on every machine. */
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
