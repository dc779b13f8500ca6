import { describe, expect, it } from 'vitest';
import { createSingleFlight, waitFor } from '../shared/single-flight.ts';

const patient = new AbortController().signal;

describe('createSingleFlight', () => {
  it('starts one load per key, and a new one when that has ended', async () => {
    const share = createSingleFlight<number>();
    let loads = 0;
    const load = async () => {
      loads += 1;
      return loads;
    };
    expect(
      await Promise.all([share('a', load, patient), share('a', load, patient), share('b', load, patient)]),
    ).toEqual([1, 1, 2]);
    expect(await share('a', load, patient)).toBe(3);
  });

  it('forgets a load that failed', async () => {
    const share = createSingleFlight<string>();
    await expect(share('a', () => Promise.reject(new Error('down')), patient)).rejects.toThrow('down');
    expect(await share('a', async () => 'up', patient)).toBe('up');
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
