import { expectTypeOf, it } from 'vitest';
import type { HistoryPoint, Mistake, UsageRow, UsageSummary } from '../../samples/usage-client.ts';
import type { BudgetCounts, Counts } from '../../shared/contract/summary-schema.ts';
import type { ParameterProblem } from '../../shared/errors.ts';
import type { PointField } from '../../shared/history/points.ts';
import type { FlatField } from '../../shared/views/flat-fields.ts';

// The sample is one file to copy, so it declares these types again; the compiler compares them here.
it('declares the members that the service answers', () => {
  expectTypeOf<keyof UsageRow>().toEqualTypeOf<FlatField>();
  expectTypeOf<UsageSummary['value'][number]>().toExtend<BudgetCounts & Counts>();
  expectTypeOf<keyof HistoryPoint>().toEqualTypeOf<PointField>();
  expectTypeOf<keyof Mistake>().toEqualTypeOf<keyof ParameterProblem>();
});
