import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { list, startWalk } from '../faults/fault-walk.ts';
import { otherScenes, runbookScenes } from './runbook-scenes.ts';
import type { Step } from './runbook-scenes.ts';
import { createScene, ready, rules } from './scene.ts';
import type { Scene } from './scene.ts';

const page = readFileSync(new URL('../../../docs/operating.md', import.meta.url), 'utf8');
const [, table = ''] = /^## Runbook$([^]*?)^## /m.exec(page) ?? [];
const rows = [...table.matchAll(/^\| (.*?) +\| (.*?) +\|/gm)].slice(2).map(([, symptom = '', cause = '']) => ({
  cause,
  alerts: /\balerts? ([a-z0-9-]+(?:, [a-z0-9-]+)*)/.exec(symptom)?.[1]?.split(', ') ?? [],
  shown: [...symptom.matchAll(/(no )?`([^`]+)`/g)].flatMap(([, no, name]) => (no === undefined ? [name] : [])),
  missing: [...symptom.matchAll(/no `([^`]+)`/g)].map(([, name]) => name),
}));

let scene: Scene;

beforeAll(async () => {
  scene = createScene(await startWalk());
});
afterAll(() => scene.end());

/** Plays steps, each with exactly the alerts it names; gives all of them. */
async function play(steps: readonly Step[]): Promise<readonly string[]> {
  for (const [what, act, fires] of steps) {
    await act(scene);
    expect({ what, fires: await scene.firing() }).toEqual({ what, fires });
  }
  return [...new Set(steps.flatMap(([, , fires]) => fires))].toSorted();
}

async function settle(): Promise<void> {
  await scene.settle();
  expect(await scene.firing()).toEqual([]);
  scene.takeSeen();
}

describe('alerts', () => {
  it('are silent on a healthy day, whenever Azure looks', async () => {
    const start = await scene.now();
    for (let hour = 0; hour < 24; hour += 1) {
      await scene.advanceAndTick(1.01);
      for (const path of [list, `${list}?top=x`, ready]) await scene.read(path);
    }
    const seen = scene.takeSeen();
    expect(seen).toContain('"refresh.published"');
    expect(seen).toContain('"token.rotated"');
    expect(scene.firedBetween(start, await scene.now())).toEqual([]);
  });

  it.each(Object.entries(otherScenes))('%s', async (_what, steps) => {
    await settle();
    expect(rules.map(({ name }) => name)).toEqual(expect.arrayContaining([...(await play(steps))]));
  });
});

describe('the runbook', () => {
  it('has a scene for each row, and a row for each alert', () => {
    expect(rows.map(({ cause }) => cause)).toEqual(Object.keys(runbookScenes));
    const named = new Set(rows.flatMap(({ alerts }) => alerts));
    expect([...named].toSorted()).toEqual(rules.map(({ name }) => name).toSorted());
  });

  it.each(rows)('$cause: shows what the row says, and is over after the cure', async (row) => {
    const { fault = [], cure = [] } = runbookScenes[row.cause] ?? {};
    await settle();
    const fired = await play(fault);
    await scene.read(ready);
    const seen = scene.takeSeen();
    expect(row.shown.filter((name) => !seen.includes(`"${name}"`))).toEqual([]);
    expect(row.missing.filter((name) => seen.includes(`"${name}"`))).toEqual([]);
    expect(fired).toEqual(row.alerts.toSorted());
    await play(cure);
    const { health, usage } = await scene.readAll();
    expect(health).toEqual(expect.objectContaining({ status: 'pass', warnings: [], lastFailure: null }));
    expect(usage).toMatchObject({ snapshot: { state: 'fresh' } });
    expect(usage.snapshot).not.toHaveProperty('reason');
  });
});
