import { describe, expect, it } from 'vitest';
import { createLazy } from '../shared/lazy.ts';

describe('createLazy', () => {
  it('loads nothing before the first call, and once for all of them', async () => {
    let loads = 0;
    const lazy = createLazy(async () => (loads += 1));
    expect(loads).toBe(0);
    expect(await Promise.all([lazy(), lazy(), lazy()])).toEqual([1, 1, 1]);
    expect(await lazy()).toBe(1);
  });

  it('forgets a load that failed, so that the next call tries again', async () => {
    let loads = 0;
    const lazy = createLazy(async () => {
      loads += 1;
      if (loads === 1) throw new Error('not yet');
      return loads;
    });
    await expect(Promise.all([lazy(), lazy()])).rejects.toThrow('not yet');
    expect(await lazy()).toBe(2);
  });
});
