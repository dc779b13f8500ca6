import { expect } from 'vitest';
import { startStage } from '../stage/stage.ts';
import type { App, AppEvent, Reply, Stage } from '../stage/stage.ts';

export const list = '/api/customers/usagerecords';
export const refreshTokenName = 'partner-center-refresh-token';

/** A warmed app on a stage of its own, and the list it serves while all is well. */
export type Walk = {
  readonly stage: Stage;
  readonly app: App;
  /** The rows as bytes, so that digits count. */
  readonly rows: string;
};

/**
 * Starts the walk on the 10th at 06:30 UTC, when a new day's list has just appeared: nothing but a fault changes the list for a
 * day of the walk, and the month is old enough for the gate to doubt a list of zeros.
 */
export async function startWalk(
  settings: Readonly<Record<string, string>> = {},
  options: Parameters<typeof startStage>[0] = {},
): Promise<Walk> {
  const stage = await startStage(options);
  await stage.advanceToDay(10, 6.5);
  const app = await stage.startApp(settings, ['--log=debug']);
  await app.tick();
  const reply = await app.get(list);
  expect(getSnapshot(reply)).toMatchObject({ state: 'fresh', recordCount: 60 });
  app.takeEvents();
  return { stage, app, rows: getRowsText(reply) };
}

/** A process that remembers nothing, on the same storage. */
export async function startCold({ stage }: Walk): Promise<App> {
  return stage.startApp({}, ['--log=debug']);
}

const callsOfRefresh = {
  entra: 'token',
  'key-vault': 'secretGet',
  'partner-center': 'usagerecords',
  storage: 'usagerecords',
};

type Attempt = { readonly kind: string; readonly hours: number; readonly times?: number };

/** Lets `hours` go by, and refreshes once under a fault: what was logged, and how many calls of its kind there were. */
export async function refreshUnder({ stage, app }: Walk, service: keyof typeof callsOfRefresh, attempt: Attempt) {
  await stage.advanceHours(attempt.hours);
  app.takeEvents();
  const before = await stage.calls(callsOfRefresh[service]);
  await stage.fault(service, attempt.kind, attempt.times);
  await app.tick();
  return { calls: (await stage.calls(callsOfRefresh[service])) - before, events: app.takeEvents() };
}

/** Every kind of fault the control endpoint offers for a service, in alphabetical order. */
export async function readFaultKinds(stage: Stage, service: string): Promise<readonly string[]> {
  return ((await stage.control()).faultKinds[service] ?? []).toSorted();
}

/** Whether a kind injects one documented code or status: upstream-codes.test.ts has a row for each. */
export function isDocumentedCode(kind: string): boolean {
  return /^(AADSTS\d+|\d{3}-(\d+|empty))$/.test(kind);
}

/** The kinds that a table has a row for, in alphabetical order. */
export function listKinds(...tables: readonly (readonly { readonly kind: string }[])[]): readonly string[] {
  return [...new Set(tables.flat().map(({ kind }) => kind))].toSorted();
}

/** The text of the rows in an answer with the list. */
export function getRowsText({ body }: Reply): string {
  return body.slice(0, body.lastIndexOf(',"totalCount":'));
}

/** What an answer says of its snapshot. */
export function getSnapshot({ json }: Reply): Readonly<Record<string, unknown>> {
  return Object(Object(json).snapshot);
}

/** The events of this name. */
export function filterEvents(events: readonly AppEvent[], name: string): readonly AppEvent[] {
  return events.filter(({ event }) => event === name);
}

/** The names of how refreshes ended. */
export function listOutcomes(events: readonly AppEvent[]): readonly string[] {
  const names = ['published', 'unchanged', 'failed', 'quarantined', 'skipped'].map((name) => `refresh.${name}`);
  return events.map(({ event }) => event).filter((event) => [...names, 'pointer.newer'].includes(event));
}

/** The last good rows, with 200 and a reason: what every reader gets during a fault. */
export function expectLastGood(walk: Walk, reply: Reply, reason: string | undefined): void {
  expect(reply.status).toBe(200);
  expect(getSnapshot(reply)).toMatchObject({ state: 'fresh', recordCount: 60 });
  expect(getSnapshot(reply)['reason']).toBe(reason);
  expect(getRowsText(reply)).toBe(walk.rows);
}

/** Ends the fault; six minutes and one tick later the data has been fetched anew, and nothing is wrong any more. */
export async function expectFreshAgain({ stage, app, rows }: Walk): Promise<void> {
  await stage.clearFaults();
  await stage.advanceHours(0.1);
  const { clock } = await stage.control();
  await app.tick();
  const reply = await app.get(list);
  expect(reply.status).toBe(200);
  const { state, reason, fetchedAt } = getSnapshot(reply);
  expect({ state, reason }).toEqual({ state: 'fresh', reason: undefined });
  expect(Date.parse(String(fetchedAt))).toBeGreaterThanOrEqual(Date.parse(clock.now));
  expect(getRowsText(reply)).toBe(rows);
}
