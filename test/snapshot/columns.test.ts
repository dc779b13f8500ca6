import { describe, expect, it } from 'vitest';
import { numberAt, textAt } from '../../shared/snapshot/columns.ts';

describe('numberAt', () => {
  it('gives the figure of a row and NaN where there is none', () => {
    const column = Float64Array.of(1.5);
    expect([numberAt(column, 0), numberAt(column, 1)]).toStrictEqual([1.5, Number.NaN]);
  });
});

describe('textAt', () => {
  it('gives the text of a row and nothing where there is none', () => {
    expect([textAt(['a'], 0), textAt(['a'], 1)]).toStrictEqual(['a', '']);
  });
});
