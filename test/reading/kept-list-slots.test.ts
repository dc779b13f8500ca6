import { setImmediate } from 'node:timers/promises';
import { beforeEach, describe, expect, it } from 'vitest';
import { createKeptListSlots } from '../../shared/reading/kept-list-slots.ts';

let withSlot: ReturnType<typeof createKeptListSlots>;
let running: string[];

beforeEach(() => {
  withSlot = createKeptListSlots(2);
  running = [];
});

/** Work that runs until the test ends it. */
function start(name: string, signal = new AbortController().signal) {
  const ended = Promise.withResolvers<string>();
  const result = withSlot(name.slice(0, 1), signal, async () => {
    running.push(name);
    return ended.promise;
  });
  result.catch(() => undefined);
  return { result, end: () => ended.resolve(name), fail: () => ended.reject(new Error(name)) };
}

describe('createKeptListSlots', () => {
  it('lets work on two blobs run, any number on each, and the rest in the order of the calls', async () => {
    const [a1, b1, a2] = [start('a1'), start('b1'), start('a2')];
    const [c1, a3, d1] = [start('c1'), start('a3'), start('d1')];
    await setImmediate();
    expect(running).toEqual(['a1', 'b1', 'a2']);
    a1.end();
    await setImmediate();
    expect(running).toEqual(['a1', 'b1', 'a2']);
    a2.end();
    await setImmediate();
    // c1 waits longer than a3, which would have kept `a` in use for ever.
    expect(running).toEqual(['a1', 'b1', 'a2', 'c1']);
    b1.end();
    await setImmediate();
    expect(running).toEqual(['a1', 'b1', 'a2', 'c1', 'a3']);
    for (const work of [c1, a3, d1]) work.end();
    expect(await Promise.all([a1, b1, c1, a3, d1].map(({ result }) => result))).toEqual(['a1', 'b1', 'c1', 'a3', 'd1']);
  });

  it('goes on after work that failed', async () => {
    const [a1, b1, c1] = [start('a1'), start('b1'), start('c1')];
    await setImmediate();
    b1.fail();
    await expect(b1.result).rejects.toThrow('b1');
    await setImmediate();
    expect(running).toEqual(['a1', 'b1', 'c1']);
    a1.end();
    c1.end();
  });

  it('does nothing for a caller who no longer waits, and lets those behind go on', async () => {
    start('a1');
    const b1 = start('b1');
    const caller = new AbortController();
    const [c1, b2] = [start('c1', caller.signal), start('b2')];
    await setImmediate();
    caller.abort();
    await expect(c1.result).rejects.toMatchObject({ code: 'StorageUnavailable', details: { reason: 'timeout' } });
    await setImmediate();
    expect(running).toEqual(['a1', 'b1', 'b2']);
    b1.end();
    b2.end();
    start('d1');
    await setImmediate();
    expect(running).toEqual(['a1', 'b1', 'b2', 'd1']);
  });

  it('gives back the turn of a caller who stopped waiting as it came', async () => {
    const caller = new AbortController();
    caller.abort();
    await expect(start('a1', caller.signal).result).rejects.toMatchObject({ code: 'StorageUnavailable' });
    start('b1');
    start('c1');
    await setImmediate();
    expect(running).toEqual(['b1', 'c1']);
  });
});
