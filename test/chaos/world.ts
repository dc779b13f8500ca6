import { createUsageRow } from '../../local/cloud/partner-center/usage-data.ts';
import { startStage } from '../e2e/stage/stage.ts';
import type { Stage } from '../e2e/stage/stage.ts';
import { formatStatement, watchedCustomer } from './answers.ts';
import { createCallWatch } from './call-watch.ts';
import { createExpectedEvents } from './expected-events.ts';
import { createGateRules } from './gate-rules.ts';
import { createPointerWrites } from './pointer-writes.ts';
import type { PointerWrite } from './pointer-writes.ts';
import { createPollers } from './pollers.ts';
import type { Random } from './random.ts';
import { createRefreshBounds } from './refresh-bounds.ts';
import { createServedLists } from './served-lists.ts';
import { createStoredToken } from './stored-token.ts';

/** How many records Partner Center lists. */
const usualCustomers = 60;
const hourMs = 3_600_000;
const storyCustomers = 8;

/** A snapshot blob that cannot be read, so a process without memory does not know the last list. */
const damage = ['corrupt-blob', 'foreign-blob', 'pointer-missing-blob'];

export type Fault = { readonly service: string; readonly kind: string; readonly times?: number };

export type World = Awaited<ReturnType<typeof startWorld>>;

/**
 * A local cloud, the story of its data, and everything that is known without the app: what Partner Center served, what was published
 * and which events that makes. `report` receives every broken promise that the observers of calls see.
 */
export async function startWorld(options: {
  readonly report: (problem: string) => void;
  readonly tell: (line: string) => void;
  readonly random: Random;
  readonly customers?: number;
}) {
  const { report, tell, random, customers = usualCustomers } = options;
  const ids = listStoryCustomers(customers);
  const lists = createServedLists();
  const bounds = createRefreshBounds(report);
  const token = createStoredToken(report);
  const gate = createGateRules(report, customers);
  const expected = createExpectedEvents(ids);
  const statements = new Set<string>();
  const faultsByKind = new Map<string, number>();
  let faults: readonly Fault[] = [];
  let wasDamaged = false;
  let isStorageDisturbed = false;
  let fetchTimes: readonly number[] = [];
  let failureCode: string | undefined;
  let publications = 0;
  let offsetMs = 0;
  const now = () => Date.now() + offsetMs;

  function readPointerWrite(write: PointerWrite): void {
    bounds.pointerWritten(write);
    const { snapshot, failure } = write;
    failureCode = failure?.code;
    tell(` pointer: ${failure === null ? 'success' : `failure ${failure.count}, ${failure.code}`}`);
    if (failure !== null && !isExplained(failure.code)) report(`${failure.code} is not what the faults explain`);
    if (snapshot === null) return;
    const { fetchedAt } = snapshot;
    statements.add(formatStatement(fetchedAt, failure?.code));
    // A process that cannot read the blob goes on with the list before, and knows the newer failure.
    if (wasDamaged) for (const at of fetchTimes) statements.add(formatStatement(at, failure?.code));
    if (fetchedAt === fetchTimes.at(-1)) return;
    fetchTimes = [...fetchTimes, fetchedAt].slice(-5);
    publications += 1;
    const found = lists.find(fetchedAt);
    if (found === undefined) return report('a list was published that Partner Center never served in full');
    gate.published(found, fetchedAt, lists.all);
    expected.published(found.items, wasDamaged);
  }

  /** Silence alone makes a service unavailable; every other failure is an answer of Entra or Partner Center. */
  function isExplained(code: string): boolean {
    return code.endsWith('Unavailable') || faults.some(({ service }) => ['entra', 'partner-center'].includes(service));
  }

  const watch = createCallWatch(now, [lists, token, bounds, createPointerWrites(readPointerWrite)]);
  const stage: Stage = await startStage({ customers, wrap: watch.wrap });
  offsetMs = (await stage.control()).clock.offsetMs;
  await advanceTo(10, 6.5);

  async function advanceTo(day: number, hour: number): Promise<void> {
    await stage.advanceToDay(day, hour);
    offsetMs = (await stage.control()).clock.offsetMs;
  }

  async function setFaults(wanted: readonly Fault[]): Promise<void> {
    faults = wanted;
    isStorageDisturbed ||= wanted.some(({ service }) => service === 'storage');
    wasDamaged ||= wanted.some(({ kind }) => damage.includes(kind));
    for (const { service, kind } of wanted) {
      const name = `${service} ${kind}`;
      faultsByKind.set(name, (faultsByKind.get(name) ?? 0) + 1);
    }
    await stage.control({ faults: wanted });
  }

  return {
    report,
    tell,
    stage,
    watch,
    token,
    expected,
    statements,
    faultsByKind,
    now,
    startedAt: now(),
    findList: lists.find,
    storyCustomers: ids,
    pollers: createPollers(random),
    faults: () => faults,
    publications: () => publications,
    /** Why the last refresh failed, as the stored pointer says. */
    failure: () => failureCode,
    /** When the newest published list was fetched. */
    fetchedAt: () => fetchTimes.at(-1) ?? Number.NaN,
    setFaults,
    async clearFaults(): Promise<void> {
      await setFaults([]);
    },
    async advance(hours: number): Promise<void> {
      offsetMs += Math.round(hours * hourMs);
      await stage.advanceHours(hours);
    },
    /** Sets the share of its budget that a customer has used, from the next list on. */
    async setPercent(customerId: string, percent: number): Promise<void> {
      tell(`${customerId} has used ${percent} %`);
      const members = { budget: { amount: 1000 }, percentUsed: percent, totalCost: percent * 10 };
      await stage.control({ setRecord: { customerId, members } });
    },
    /** Whether something is wrong with Partner Center, Entra or Key Vault. */
    isUpstreamDown: () => faults.some(({ service }) => service !== 'storage'),
    /** Whether storage fails, or has failed since everything last settled. */
    isStorageDisturbed: () => isStorageDisturbed,
    /** Everything that a fault has disturbed has settled, in every process. */
    settle(): void {
      isStorageDisturbed = faults.some(({ service }) => service === 'storage');
      wasDamaged = faults.some(({ kind }) => damage.includes(kind));
    },
    end: async () => stage.end(),
  };
}

/** Customers with an Azure plan alone, in both halves of the list. */
function listStoryCustomers(customers: number): string[] {
  const rows = Array.from({ length: customers }, (_, number) => createUsageRow(number, 0));
  const ids = rows.map((row): string => JSON.parse(row['resourceId'] ?? ''));
  const plans = ids.filter((id, at) => rows[at]?.['isUpgraded'] === 'true' && ids.indexOf(id) === ids.lastIndexOf(id));
  const ofTheStory = plans.filter((id) => id !== watchedCustomer);
  return [...ofTheStory.slice(0, storyCustomers / 2), ...ofTheStory.slice(-storyCustomers / 2)];
}
