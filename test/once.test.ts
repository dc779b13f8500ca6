import { describe, expect, it } from 'vitest';
import { createPromiseCache, waitFor } from '../shared/once.ts';

describe('createPromiseCache', () => {
  it('shares a pending promise per key, and forgets it when it settles', async () => {
    const loads = createPromiseCache<number>('while-pending');
    let started = 0;
    const load = async () => (started += 1);
    const get = (key: string) => loads.get(key) ?? loads.set(load(), key);
    expect(await Promise.all([get('a'), get('a'), get('b')])).toEqual([1, 1, 2]);
    expect(await get('a')).toBe(3);
  });

  it('keeps the last promise after it is fulfilled, and no other', async () => {
    const loads = createPromiseCache<number>('last');
    let started = 0;
    const load = async () => (started += 1);
    const get = (key: string) => loads.get(key) ?? loads.set(load(), key);
    expect(await Promise.all([get('a'), get('a')])).toEqual([1, 1]);
    expect(await get('a')).toBe(1);
    expect(await get('b')).toBe(2);
    expect(await get('a')).toBe(3);
  });

  it.each(['while-pending', 'last'] as const)('forgets a promise that failed: %s', async (keep) => {
    const loads = createPromiseCache<string>(keep);
    await expect(loads.set(Promise.reject(new Error('down')))).rejects.toThrow('down');
    expect(loads.get()).toBeUndefined();
    expect(await loads.set(Promise.resolve('up'))).toBe('up');
  });

  it('does not forget a later promise when an earlier one fails', async () => {
    const loads = createPromiseCache<string>('last');
    const { promise, reject } = Promise.withResolvers<string>();
    const first = loads.set(promise);
    const second = loads.set(Promise.resolve('second'));
    reject(new Error('too late'));
    await expect(first).rejects.toThrow('too late');
    expect(loads.get()).toBe(second);
  });
});

describe('waitFor', () => {
  it('rejects with the reason of a signal that aborts first, or has aborted already', async () => {
    const controller = new AbortController();
    const never = new Promise<never>(() => {});
    const waiting = waitFor(never, controller.signal);
    const reason = new Error('enough');
    controller.abort(reason);
    await expect(waiting).rejects.toBe(reason);
    await expect(waitFor(never, controller.signal)).rejects.toBe(reason);
  });

  it('rejects with an Error when the reason is none', async () => {
    await expect(waitFor(new Promise<never>(() => {}), AbortSignal.abort('enough'))).rejects.toMatchObject({
      message: 'aborted',
      cause: 'enough',
    });
  });

  it('leaves nothing unhandled when the work fails after the wait was given up', async () => {
    const { promise, reject } = Promise.withResolvers<never>();
    await expect(waitFor(promise, AbortSignal.abort())).rejects.toThrow('aborted');
    reject(new Error('too late'));
    await expect(promise).rejects.toThrow('too late');
  });
});
