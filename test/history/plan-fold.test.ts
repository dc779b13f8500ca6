import { describe, expect, it } from 'vitest';
import { listDailyCopies } from '../../shared/history/kept-list-names.ts';
import { planFold, planRebuild } from '../../shared/history/plan-fold.ts';

const names = (...days: string[]) => days.map((day) => `daily/2026-11/${day}.ndjson.gz`);
const kept = (...days: string[]) => listDailyCopies(names(...days));
const folded = (...days: string[]) =>
  days.map((date) => ({ date, period: '2026-11', list: `daily/2026-11/${date}.ndjson.gz` }));
const daysOf = ({ isRebuild, days }: ReturnType<typeof planFold>) => ({ isRebuild, days: days.map(({ day }) => day) });

describe('what is folded of a month', () => {
  it('is what came after the last folded day', () => {
    const plan = planFold(folded('2026-11-18'), kept('2026-11-18', '2026-11-19'));
    expect(daysOf(plan)).toStrictEqual({ isRebuild: false, days: ['2026-11-19'] });
  });

  it('is everything when a day was added before a folded one', () => {
    const plan = planFold(folded('2026-11-19'), kept('2026-11-18', '2026-11-19'));
    expect(daysOf(plan)).toStrictEqual({ isRebuild: true, days: ['2026-11-18', '2026-11-19'] });
  });

  it('leaves folded days alone whose list is deleted, also when all are', () => {
    const plan = planFold(folded('2026-11-18', '2026-11-19'), kept('2026-11-19', '2026-11-20'));
    expect(daysOf(plan)).toStrictEqual({ isRebuild: false, days: ['2026-11-20'] });
    expect(daysOf(planFold(folded('2026-11-18'), []))).toStrictEqual({ isRebuild: false, days: [] });
  });

  it('is everything for the operator, but nothing when a list of a folded day is deleted', () => {
    const days = ['2026-11-18', '2026-11-19'];
    expect(daysOf(planRebuild(folded('2026-11-18'), kept(...days)))).toStrictEqual({ isRebuild: true, days });
    expect(daysOf(planRebuild(folded(...days), kept('2026-11-19')))).toStrictEqual({ isRebuild: true, days: [] });
  });
});
