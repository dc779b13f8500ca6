import * as z from 'zod';

/**
 * The fields of a flat row in their fixed order, and what each holds: a `text` comes from upstream, a `word` is one of our own
 * making without blanks or quotes; `digits` are a number or nothing, and so are a `date` and a `flag` that cannot be read. All are
 * always there; a missing text is empty.
 */
export const flatFieldKinds = {
  customerId: 'text',
  customerName: 'text',
  period: 'date',
  hasBudget: 'flag',
  budgetAmount: 'digits',
  percentUsed: 'digits',
  totalCost: 'digits',
  totalCostText: 'word',
  currencyCode: 'text',
  usdTotalCost: 'digits',
  isUpgraded: 'flag',
  lastModifiedDate: 'date',
  pacePercent: 'digits',
  projectedMonthEndCost: 'digits',
  forecastConfidence: 'word',
  budgetStatus: 'word',
} as const satisfies Record<string, FieldKind>;

export type FieldKind = 'text' | 'word' | 'date' | 'digits' | 'flag';

/** A field of a row, as text, and what it holds. */
export type Column<Field extends string> = { readonly field: Field; readonly kind: FieldKind };

export type FlatField = keyof typeof flatFieldKinds;

const flatField = z.enum(Object.keys(flatFieldKinds).filter(isFlatField));

/** Every field of a flat row, in order. */
export const flatFields: readonly FlatField[] = flatField.options;

/** The columns of these fields. */
export function getFlatColumns(fields: readonly FlatField[]): Column<FlatField>[] {
  return fields.map((field) => ({ field, kind: flatFieldKinds[field] }));
}

/** `select`: comma-separated fields in any order; the result has the order of the row. */
export function fieldList() {
  const expected = 'expected comma-separated fields of a flat row';
  return z.codec(z.string(), z.array(flatField), {
    decode: (text, context) => {
      const names = text.split(',').map((name) => name.trim());
      if (names.every(isFlatField)) return flatFields.filter((field) => names.includes(field));
      context.issues.push({ code: 'custom', message: expected, input: text });
      return z.NEVER;
    },
    encode: (fields) => fields.join(','),
  });
}

function isFlatField(name: string): name is FlatField {
  return Object.hasOwn(flatFieldKinds, name);
}
