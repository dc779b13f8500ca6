import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createUsageRow } from '../../../local/cloud/partner-center/usage-data.ts';
import { polledEvents } from '../../support/rigs/event-rig.ts';
import { startStage } from '../stage/stage.ts';
import type { App, Stage } from '../stage/stage.ts';

/** The customer of the local cloud whose spending jumps on the 20th. */
const jumping = 33;
const query = '/api/budget-events?kind=spendJump';

describe('spendJump of the running app', () => {
  let stage: Stage;
  let app: App;

  beforeAll(async () => {
    stage = await startStage({ customers: 40 });
    await stage.advanceToDay(11, 7);
    app = await stage.startApp();
    await app.tick();
  });
  afterAll(() => stage.end());

  it('is told once, on the 20th, over restarts', async () => {
    const told: string[] = [];
    let address = query;
    const poll = async () => {
      const { headers, body } = await app.get(address);
      address = (headers['location'] ?? '').replace(/^http:\/\/[^/]+/, '');
      told.push(...polledEvents(body).map(({ id, dailyCostFactor }) => `${id} ${Number(dailyCostFactor) > 6}`));
    };
    await poll();
    for (let day = 12; day <= 21; day += 1) {
      await stage.advanceHours(24);
      if (day % 4 === 0) {
        await app.stop();
        app = await stage.startApp();
      }
      await app.tick();
      await poll();
    }
    await stage.advanceHours(12);
    await app.tick();
    await poll();
    const { clock } = await stage.control();
    const month = clock.now.slice(0, 7);
    const row = createUsageRow(jumping, Date.parse(`${month}-20`));
    const customerId = String(JSON.parse(row['resourceId'] ?? '')).toLowerCase();
    expect(told).toEqual([`${month}_${customerId}_azure-plan_spendJump_${month}-20 true`]);
  });
});
