import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { createRepeatedTextReader } from '../../shared/snapshot/repeated-texts.ts';
import { scannedRecord } from '../../shared/snapshot/columns.ts';
import { parseSnapshot } from '../../shared/snapshot/snapshot.ts';

/** What the reader says of each of these values of `currencyCode`, and the texts that it has asked for. */
function readCodes(values: readonly unknown[]) {
  const lines = values.map((currencyCode) => `${JSON.stringify({ id: 'a', currencyCode })}\n`).join('');
  const snapshot = parseSnapshot(Buffer.from(lines));
  const asked: string[] = [];
  const read = createRepeatedTextReader('currencyCode', (text) => {
    asked.push(text);
    return `<${text}>`;
  });
  return { said: values.map((_, row) => read(scannedRecord(snapshot, row))), asked };
}

describe('createRepeatedTextReader', () => {
  it('reads each text once', () => {
    expect(readCodes(['EUR', 'USD', 'EUR', 'USD', 'EUR'])).toStrictEqual({
      said: ['<EUR>', '<USD>', '<EUR>', '<USD>', '<EUR>'],
      asked: ['EUR', 'USD'],
    });
  });

  it('reads what is missing or no text as empty', () => {
    const { said } = readCodes([undefined, null, 7, 'EUR', undefined]);
    expect(said).toStrictEqual(['<>', '<>', '<>', '<EUR>', '<>']);
  });

  it('tells more texts apart than it remembers', () => {
    const codes = Array.from({ length: 1000 }, (_, number) => `code ${number}`);
    expect(readCodes([...codes, ...codes]).said).toStrictEqual([...codes, ...codes].map((code) => `<${code}>`));
  });

  test.prop([fc.array(fc.string({ unit: 'grapheme' }))])('says of any text what it is', (texts) => {
    expect(readCodes(texts).said).toStrictEqual(texts.map((text) => `<${text}>`));
  });
});
