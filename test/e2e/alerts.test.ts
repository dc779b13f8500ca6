import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isFiring, parseAlertRules } from '../infra/alerts.ts';
import type { LogRow } from '../infra/kql.ts';
import { list, refreshTokenName, startCold, startWalk } from './fault-walk.ts';
import type { Walk } from './fault-walk.ts';
import type { App } from './stage.ts';

const rules = parseAlertRules(readFileSync(new URL('../../infra/alerts.json', import.meta.url), 'utf8'));
const minutesOf: Readonly<Record<string, number>> = { PT5M: 5, PT15M: 15, PT30M: 30, PT1H: 60, PT6H: 360 };
const minuteMs = 60_000;
const dayHours = 24;

type Scene = ReturnType<typeof createScene>;
/** What is done, and the rules that fire when Azure looks right after it. */
type Step = readonly [what: string, act: (scene: Scene) => Promise<unknown>, fires: readonly string[]];

const failures: Readonly<Record<string, readonly Step[]>> = {
  'the timer does not run': [
    ['for 2.9 hours', (scene) => scene.advance(2.9), []],
    ['for 3.1 hours', (scene) => scene.advance(0.2), ['refresh-missed']],
    ['until it runs again', (scene) => scene.tick(), []],
  ],
  'Partner Center answers 404': [
    ['once', (scene) => scene.refreshUnder('partner-center', '404'), []],
    ['twice', (scene) => scene.advanceAndTick(0.04), []],
    ['three times', (scene) => scene.advanceAndTick(0.04), ['refresh-failing']],
    ['for an hour more, without another try', (scene) => scene.advance(1.1), []],
    ['for three hours in all', (scene) => scene.advanceAndTick(1), ['refresh-missed']],
  ],
  'Entra refuses the refresh token': [
    ['at a tick', (scene) => scene.refreshUnder('entra', 'refresh-token-expired'), ['consent-lost']],
    ['and waits for a person', (scene) => scene.advanceAndTick(0.3), []],
    ['who signs in', (scene) => scene.signIn(), []],
  ],
  'Partner Center wants MFA (900421)': [
    ['at a tick', (scene) => scene.refreshUnder('partner-center', 'mfa-required'), ['consent-lost']],
    ['until a person signs in', (scene) => scene.signIn(), []],
  ],
  'the client secret has expired': [
    ['at a tick', (scene) => scene.refreshUnder('entra', 'client-secret-expired'), []],
    ['at three ticks', (scene) => scene.advanceAndTick(0.04, 0.04), ['refresh-failing']],
  ],
  'half of the list is gone': [
    ['in one answer', (scene) => scene.refreshUnder('partner-center', 'half-gone'), ['refresh-quarantined']],
    ['an hour ago', (scene) => scene.advance(1.02), []],
  ],
  'an answer is odd, but good': [
    ['with a byte order mark', (scene) => scene.refreshUnder('partner-center', 'bom'), []],
    ['with a total that is not the count', (scene) => scene.refreshUnder('partner-center', 'count-mismatch'), []],
  ],
  'the vault takes no new token': [
    ['on the day of the rotation', (scene) => scene.refreshUnder('key-vault', '403', 25), []],
    ['nor an hour later', (scene) => scene.advanceAndTick(1.1), ['token-store-failed']],
  ],
  'nothing is refreshed': [
    ['for two hours', (scene) => scene.failAndRead(2), []],
    ['for a day', (scene) => scene.failAndRead(23), ['refresh-missed', 'data-degraded']],
    ['until Partner Center answers', (scene) => scene.recoverAndRead(), ['data-degraded']],
    ['an hour ago', (scene) => scene.advance(1.1), []],
  ],
  'storage refuses a new instance': [
    ['that is asked twice', (scene) => scene.readCold(2), []],
    ['that is asked a third time', (scene) => scene.readCold(1), ['reads-unavailable']],
    ['a fourth', (scene) => scene.readCold(1), ['reads-unavailable']],
    ['and a fifth', (scene) => scene.readCold(1), ['reads-unavailable', 'server-errors']],
    ['a quarter of an hour ago', (scene) => scene.advance(0.26), []],
  ],
  'a setting is bad': [
    ['and a caller meets it', (scene) => scene.misconfigure(), ['misconfigured']],
    ['a quarter of an hour ago', (scene) => scene.advance(0.26), []],
  ],
  'Entra sends no new refresh token': [
    ['for 59.7 days', (scene) => scene.ageToken(59.7), []],
    ['for 60.1 days', (scene) => scene.ageToken(60.1), ['token-age-60']],
    ['for 74.7 days', (scene) => scene.ageToken(74.7), ['token-age-60']],
    ['for 75.1 days', (scene) => scene.ageToken(75.1), ['token-age-75']],
    ['for 84.7 days', (scene) => scene.ageToken(84.7), ['token-age-75']],
    ['for 85.1 days', (scene) => scene.ageToken(85.1), ['token-age-85']],
  ],
};

describe('infra/alerts.json over what the app logs', () => {
  let walk: Walk;
  let scene: Scene;

  beforeAll(async () => {
    walk = await startWalk();
    scene = createScene(walk);
  });
  afterAll(() => walk.stage.end());

  it('has a step for each rule', () => {
    const fired = new Set(Object.values(failures).flatMap((steps) => steps.flatMap(([, , fires]) => fires)));
    expect([...fired].toSorted()).toEqual(rules.map(({ name }) => name).toSorted());
  });

  it('is silent on a healthy day, whenever Azure looks', async () => {
    const start = await scene.now();
    for (let hour = 0; hour < dayHours; hour += 1) {
      await scene.advanceAndTick(1.01);
      for (const path of [list, `${list}?top=x`, '/api/health/ready']) await scene.read(path);
    }
    expect(scene.eventNames()).toEqual(expect.arrayContaining(['refresh.published', 'token.rotated']));
    expect(scene.firedBetween(start, await scene.now())).toEqual([]);
  });

  it.each(Object.entries(failures))('%s', async (_what, steps) => {
    await scene.settle();
    expect(await scene.firing()).toEqual([]);
    for (const [what, act, fires] of steps) {
      await act(scene);
      expect({ what, fires: await scene.firing() }).toEqual({ what, fires });
    }
  });
});

/** The app in front of Azure's alert rules: what all its processes log, and how its calls end, on the cloud's clock. */
function createScene({ stage, app }: Walk) {
  const apps: App[] = [app];
  const requests: LogRow[] = [];
  let cold: App | undefined;

  function rowsOf(query: string): readonly LogRow[] {
    if (query.startsWith('requests')) return requests;
    const entries = apps.flatMap((each) => each.entries);
    return entries.map(({ time, message }) => ({ message, timestamp: Date.parse(time) }));
  }

  async function now(): Promise<number> {
    return Date.parse((await stage.control()).clock.now);
  }

  async function read(path = list, from = app): Promise<void> {
    const { status } = await from.get(path);
    requests.push({ resultCode: String(status), timestamp: await now() });
  }

  async function advanceAndTick(...hours: readonly number[]): Promise<void> {
    for (const each of hours) {
      await stage.advanceHours(each);
      await app.tick();
    }
  }

  return {
    now,
    read,
    advanceAndTick,
    advance: async (hours: number) => stage.advanceHours(hours),
    tick: async () => app.tick(),
    eventNames: () => app.events.map(({ event }) => event),
    async firing(): Promise<string[]> {
      const at = await now();
      return rules.filter((rule) => isFiring(rule, rowsOf(rule.query), at)).map(({ name }) => name);
    },
    /** Every rule that fires at one of its looks in this time. */
    firedBetween(start: number, end: number): string[] {
      return rules
        .filter((rule) => {
          const rows = rowsOf(rule.query);
          const stepMs = (minutesOf[rule.frequency] ?? Number.NaN) * minuteMs;
          const looks = Array.from({ length: Math.floor((end - start) / stepMs) }, (_, look) => end - look * stepMs);
          expect(looks.length).toBeGreaterThan(3);
          return looks.some((at) => isFiring(rule, rows, at));
        })
        .map(({ name }) => name);
    },
    /** Ends what was wrong, and lets the longest window pass. */
    async settle(): Promise<void> {
      await stage.clearFaults();
      await advanceAndTick(7);
    },
    async refreshUnder(service: string, kind: string, hours = 1.1): Promise<void> {
      await stage.fault(service, kind);
      await advanceAndTick(hours);
    },
    async signIn(): Promise<void> {
      await stage.clearFaults();
      await stage.storeSecret(refreshTokenName, (await stage.secret(refreshTokenName)).value);
      await advanceAndTick(0.3);
    },
    async failAndRead(hours: number): Promise<void> {
      await stage.fault('partner-center', '404');
      await advanceAndTick(hours);
      await read();
    },
    async recoverAndRead(): Promise<void> {
      await stage.clearFaults();
      await advanceAndTick(0.1);
      await read();
    },
    async readCold(times: number): Promise<void> {
      await stage.fault('storage', '403');
      if (cold === undefined) {
        cold = await startCold({ stage, app, rows: '' });
        apps.push(cold);
      }
      for (let left = times; left > 0; left -= 1) await read(list, cold);
    },
    async misconfigure(): Promise<void> {
      const bad = await stage.startApp({ KEY_VAULT_URL: ' ' });
      apps.push(bad);
      await read(list, bad);
    },
    /** Refreshes when the stored token is so old. */
    async ageToken(days: number): Promise<void> {
      await stage.fault('entra', 'no-refresh-token');
      const { refreshToken } = Object((await app.get('/api/health/ready')).json);
      const ageMs = (await now()) - Date.parse(refreshToken.issuedAt);
      await advanceAndTick(days * dayHours - ageMs / (60 * minuteMs));
    },
  };
}
