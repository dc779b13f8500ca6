import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { foldCase } from '../../shared/snapshot/case-fold.ts';

describe('fold', () => {
  it.each([
    ['Contoso Ltd', 'contoso ltd'],
    ['Straße', 'strasse'],
    ['STRASSE', 'strasse'],
    ['STRAẞE', 'strasse'],
    ['ΟΔΟΣ', 'οδοσ'],
    ['οδος', 'οδοσ'],
    ['Ａｃｍｅ', 'acme'],
    ['ﬁnance', 'finance'],
    ['Zoe\u0308', 'zoë'],
    ['ZOË', 'zoë'],
  ])('reads %j as %j', (text, folded) => {
    expect(foldCase(text)).toBe(folded);
  });

  it('folds the case of a name that is too long to be normalized', () => {
    const name = 'ΣΊΣΥΦΟΣ '.repeat(40);
    expect(foldCase(name)).toBe('σίσυφοσ '.repeat(40));
    // A combining mark stays one: it is not joined to its letter.
    expect(foldCase('A\u0301'.repeat(200))).toBe('a\u0301'.repeat(200));
    expect(foldCase('A\u0301')).toBe('\u00e1');
  });

  const western = fc.string({ unit: fc.integer({ min: 0x20, max: 0xff }).map((code) => String.fromCodePoint(code)) });

  test.prop([western])('takes its short way only where it gives the same', (text) => {
    const inFull = text.normalize('NFKC').toUpperCase().toLowerCase().normalize('NFKC');
    expect(foldCase(text)).toBe(inFull);
  });

  test.prop([fc.string({ unit: 'grapheme' })])('changes nothing the second time', (text) => {
    expect(foldCase(foldCase(text))).toBe(foldCase(text));
  });
});
