import { createUsageRow, findListDay } from '../local/cloud/partner-center/usage-data.ts';

/** A list as Partner Center sends it, and the lines of a snapshot of it. */
export type UsageBody = { readonly body: Buffer; readonly lines: Buffer };

/** The list of the local cloud with `records` records, built in parts so that a million of them fit in memory. */
export function createUsageBody(records: number): UsageBody {
  const day = findListDay(Date.now());
  const bodyParts: Buffer[] = [Buffer.from(`{"totalCount": ${records}, "items": [`)];
  const lineParts: Buffer[] = [];
  for (let start = 0; start < records; start += 10_000) {
    const count = Math.min(10_000, records - start);
    const rows = Array.from({ length: count }, (_, index) => Object.entries(createUsageRow(start + index, day)));
    const join = (colon: string, comma: string, write: (text: string) => string) =>
      rows.map((row) => `{${row.map(([name, text]) => `"${name}"${colon}${write(text)}`).join(comma)}}`);
    bodyParts.push(Buffer.from((start === 0 ? '' : ',\n') + join(': ', ', ', (text) => text).join(',\n')));
    lineParts.push(Buffer.from(`${join(':', ',', withoutSpaces).join('\n')}\n`));
  }
  bodyParts.push(Buffer.from('], "links": {}, "attributes": {"objectType": "Collection"}}'));
  return { body: Buffer.concat(bodyParts), lines: Buffer.concat(lineParts) };
}

/** An object as the app stores it; those of the local cloud hold no text with a space. */
function withoutSpaces(text: string): string {
  return text.startsWith('{') ? text.replaceAll(' ', '') : text;
}
