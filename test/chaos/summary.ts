import type { createFaultMatrix } from './fault-matrix.ts';
import type { Fleet } from './fleet.ts';
import type { createKillPoints } from './kill-points.ts';
import type { runSoak, Trend } from './soak.ts';
import type { World } from './world.ts';

const hourMs = 3_600_000;

/** What an attack with faults did and saw, a line each. */
export function describeMatrix(world: World, matrix: ReturnType<typeof createFaultMatrix>): string[] {
  const { faultsByKind } = world;
  const byService = Map.groupBy(faultsByKind, ([name]) => name.split(' ')[0] ?? '');
  const faults = [...byService].map(([service, kinds]) => {
    const total = kinds.reduce((sum, [, times]) => sum + times, 0);
    return `  ${service}: ${total} faults of ${kinds.length} kinds: ${kinds.map(([name, times]) => `${name.split(' ')[1]} ${times}`).join(', ')}`;
  });
  return [`steps ${matrix.steps()}`, ...describeFleet(world, matrix.fleet), 'faults', ...faults.toSorted()];
}

/** The same of the kills. */
export function describeKills(world: World, kills: ReturnType<typeof createKillPoints>, blobs: number): string[] {
  const points = [...kills.killedAt].map(([point, times]) => `  ${point} ${times}`).toSorted();
  return [...describeFleet(world, kills.fleet), `whole blobs ${blobs}`, `kills at ${points.length} points`, ...points];
}

/** The same of a soak. */
export function describeSoak(soak: Awaited<ReturnType<typeof runSoak>>): string[] {
  const { residentMb, liveMb } = soak;
  return [
    `minutes ${soak.minutes}`,
    `simulated hours ${soak.hours.toFixed(0)}`,
    `requests ${soak.requests}`,
    `requests a second ${soak.perSecond.toFixed(1)}`,
    `median of the slices' p99 ${soak.p99Ms.toFixed(1)} ms`,
    `errors ${soak.errors.length}`,
    `published lists ${soak.refreshes}`,
    `events of the story ${soak.events}`,
    describeMemory('resident memory', residentMb),
    describeMemory('live memory', liveMb),
  ];
}

function describeFleet(world: World, { totals }: Fleet): string[] {
  const calls = [...world.watch.counts()].map(([service, count]) => `${service} ${count}`);
  return [
    `simulated hours ${((world.now() - world.startedAt) / hourMs).toFixed(0)}`,
    `processes started ${totals.started}, killed ${totals.killed}`,
    `reads ${totals.reads}`,
    `worst read of a process with a usable snapshot ${totals.worstReadMs.toFixed(0)} ms`,
    `worst such read while upstream was down ${totals.worstReadInOutageMs.toFixed(0)} ms`,
    `polls of budget events ${world.pollers.polls()}`,
    `published lists ${world.publications()}`,
    `stored refresh tokens ${world.token.rotations()}`,
    `events of the story ${world.expected.required().size}, delivered to pollers of all customers ${world.pollers.delivered()}`,
    `calls: ${calls.toSorted().join(', ')}`,
  ];
}

const describeMemory = (name: string, { first, last, slopeAnHour }: Trend) =>
  `${name} ${first.toFixed(1)} MB after the warm-up, ${last.toFixed(1)} MB at the end, slope ${slopeAnHour.toFixed(2)} MB an hour`;
