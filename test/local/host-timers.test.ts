import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { startClockControl } from './clock-control.ts';
import { createAppFolder, type HostUnderTest, startHostUnderTest } from '../support/host/functions-host.ts';

const dayMs = 86_400_000;
const startOffsetMs = 10 * dayMs;
const timerSchema = z.object({ schedule: z.object({ adjustForDST: z.boolean() }), isPastDue: z.boolean() });
const datesSchema = z.object({ now: z.number(), made: z.number(), text: z.number(), isDate: z.boolean() });

describe('timers and clock of the development host', () => {
  let control: Awaited<ReturnType<typeof startClockControl>>;
  let host: HostUnderTest;
  beforeAll(async () => {
    control = await startClockControl(startOffsetMs);
    host = await startHostUnderTest(createAppFolder(), {
      args: ['--master-key=the-master'],
      env: {
        TICK_SCHEDULE: '0 0 3 * * *',
        LOCAL_CLOUD_CONTROL_URL: control.url,
      },
    });
  });
  afterAll(async () => {
    await host.stop();
    await control.stop();
  });

  function runByHand(name: string, options: { key?: string; type?: string; body?: string } = {}) {
    const { key = 'the-master', type = 'application/json', body = '{"input": ""}' } = options;
    const headers = { 'x-functions-key': key, 'content-type': type, 'content-length': String(body.length) };
    return host.send(`/admin/functions/${name}`, { method: 'POST', headers, body });
  }

  /** What the timer function was given in its first run after the log's line `since`. */
  async function firstRun(name: string, since: number) {
    const find = () => host.entries.slice(since).find((entry) => entry.category === `Function.${name}.User`);
    return timerSchema.parse(JSON.parse((await host.until(find)).message));
  }

  function countRuns(name: string, since: number): number {
    return host.entries.slice(since).filter(({ message }) => message === `Executing 'Functions.${name}'`).length;
  }

  it('knows the cloud time before the app is imported', async () => {
    const before = Date.now();
    const dates = datesSchema.parse(JSON.parse((await host.send('/api/now')).body));
    expect(dates.isDate).toBe(true);
    expect(dates.now - startOffsetMs).toBeGreaterThanOrEqual(before);
    expect(dates.now - startOffsetMs).toBeLessThanOrEqual(Date.now());
    expect(Math.abs(dates.made - dates.now)).toBeLessThan(1000);
    expect(Math.abs(dates.text - dates.now)).toBeLessThan(2000);
  });

  it('runs a timer by hand at once, logging start and end', async () => {
    const since = host.entries.length;
    expect(await runByHand('TICK')).toMatchObject({ status: 202, body: '' });
    const timer = await firstRun('tick', since);
    expect(timer).toMatchObject({ isPastDue: false, schedule: { adjustForDST: true } });
    const executed = /^Executed 'Functions.tick' \(Succeeded, Id=[-0-9a-f]{36}, Duration=\d+ms\)$/;
    await host.until(() => host.entries.slice(since).find(({ message }) => executed.test(message)));
  });

  it.each([
    ['401 without the master key', 'tick', { key: 'wrong' }, 401],
    ['404 for an unknown name', 'unknown', {}, 404],
    ['400 without JSON', 'tick', { type: 'text/plain' }, 400],
    ['400 without a body', 'tick', { body: '' }, 400],
    ['400 for an HTTP function', 'plain', {}, 400],
  ])('answers %s', async (_case, name, options, answer) => {
    expect((await runByHand(name, options)).status).toBe(answer);
  });

  it('fires a timer once, at once, when the clock moves past its time, however many were missed', async () => {
    const since = host.entries.length;
    await control.move(startOffsetMs + 3 * dayMs);
    const timer = await firstRun('tick', since);
    expect(timer.isPastDue).toBe(true);
    await host.send('/api/plain');
    expect(countRuns('tick', since)).toBe(1);

    const later = host.entries.length;
    await control.move(startOffsetMs + 4 * dayMs);
    expect((await firstRun('tick', later)).isPastDue).toBe(true);
  });

  it('fires by the schedule, and fires nothing when the clock moves less than to the next time', async () => {
    const base = startOffsetMs + 5 * dayMs;
    const toNoon = dayMs / 2 - ((Date.now() + base) % dayMs);
    await control.move(base + toNoon - 2000);
    const since = host.entries.length;
    await control.move(base + toNoon - 1000);
    // The first of the two moves may have fired it as past due; the run at noon is not.
    const findOnTime = () => host.entries.slice(since).find(({ message }) => message.includes('"isPastDue":false'));
    expect((await host.until(findOnTime)).function).toBe('often');
    expect(countRuns('tick', since)).toBe(0);
  });

  it('goes on with its last time while the cloud is away, and follows it when it is back', async () => {
    const { port } = control;
    await control.stop();
    expect((await host.send('/api/plain')).status).toBe(200);
    control = await startClockControl(startOffsetMs + 30 * dayMs, port);
    await control.followed(startOffsetMs + 30 * dayMs);
    const { now } = datesSchema.parse(JSON.parse((await host.send('/api/now')).body));
    expect(Math.abs(now - Date.now() - startOffsetMs - 30 * dayMs)).toBeLessThan(60_000);
  });
});
