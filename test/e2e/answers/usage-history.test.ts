import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { startProcess } from '../../setup/command.ts';
import { startStage } from '../stage/stage.ts';
import type { App, Stage } from '../stage/stage.ts';
import { openContainer } from '../stage/usage-container.ts';

const row = z.object({ customerId: z.string(), isUpgraded: z.boolean(), totalCostText: z.string() });
const list = z.object({ value: z.array(row) });
const points = z.object({
  value: z.array(row.extend({ date: z.string(), missing: z.boolean() })),
  snapshot: z.object({ fetchedAt: z.iso.datetime() }),
});

let stage: Stage;
let app: App;

beforeAll(async () => {
  stage = await startStage({ customers: 12 });
  await stage.advanceToDay(28, 6.5);
  app = await stage.startApp();
  await app.tick();
});
afterAll(() => stage.end());

describe('the history of a running service', () => {
  it('is what the list said each day, over the turn of a month, and can be rebuilt byte by byte', async () => {
    const served = new Map<string, string>();
    for (let day = 0; day < 8; day += 1) {
      if (day > 0) await stage.advanceHours(24);
      await app.tick();
      const today = new Date((await stage.control()).clock.now).toISOString().slice(0, 10);
      for (const { customerId, isUpgraded, totalCostText } of list.parse(
        (await app.get('/api/customers/usagerecords?view=flat')).json,
      ).value) {
        served.set(`${today} ${customerId} ${isUpgraded}`, totalCostText);
      }
    }
    const [from = '', to = ''] = [[...served.keys()][0]?.slice(0, 10), [...served.keys()].at(-1)?.slice(0, 10)];
    const { status, json } = await app.get(`/api/usagehistory?from=${from}`);
    expect(status).toBe(200);
    const told = points.parse(json).value.filter(({ missing }) => !missing);
    const keyed = told.map(
      (each) => [`${each.date} ${each.customerId} ${each.isUpgraded}`, each.totalCostText] as const,
    );
    expect(Object.fromEntries(keyed)).toEqual(Object.fromEntries(served));
    expect(to > from).toBe(true);

    const container = openContainer(stage);
    const months = [from, to].map((day) => container.getBlockBlobClient(`history/${day.slice(0, 7)}.ndjson.gz`));
    const before = await Promise.all(months.map((month) => month.downloadToBuffer()));
    await months[0]?.upload('no history', 10);
    await months[1]?.delete();
    const command = startProcess({ script: 'rebuild-history', env: stage.settings, followsClock: true });
    const { code, lines } = await command.ended;
    expect({ code, lines: lines.filter(Boolean) }).toEqual({
      code: 0,
      lines: [
        expect.stringMatching(/^\d{4}-\d\d: \d days$/),
        expect.stringMatching(/^history\.damaged /),
        expect.stringMatching(/^\d{4}-\d\d: \d days, overwriting a damaged blob; days without a kept list are gone$/),
      ],
    });
    expect(await Promise.all(months.map((month) => month.downloadToBuffer()))).toEqual(before);
  });
});
