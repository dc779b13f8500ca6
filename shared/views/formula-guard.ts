/*
 * The guard against CSV injection (OWASP): a spreadsheet runs a cell that begins like a formula, so such a cell gets an apostrophe in
 * front. csv.ts guards every text. csv-cells.ts copies bytes, and leaves cells that may need the guard to csv.ts.
 */

/** East Asian spreadsheets take full-width signs for the same. */
const formulaStarts = '=+-@＝＋－＠\t\r\n\0';

/** The text, with an apostrophe in front if it begins like a formula. */
export function guardFormula(text: string): string {
  return text !== '' && formulaStarts.includes(text.charAt(0)) ? `'${text}` : text;
}

const startBytes = new Uint8Array(256);
for (const sign of formulaStarts) startBytes[Buffer.from(sign).readUInt8()] = 1;

/** Whether a text in UTF-8 with this first byte may begin like a formula. */
export function mayStartFormula(firstByte: number): boolean {
  return startBytes[firstByte] === 1;
}
