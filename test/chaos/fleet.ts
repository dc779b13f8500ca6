import type { App, Reply } from '../e2e/stage/stage.ts';
import { findProblem, readFetchedAt } from './answers.ts';
import { expiredAfterMs } from './freshness.ts';
import type { World } from './world.ts';

/** A read near the limit may find the snapshot expired by the time it is answered. */
const marginMs = 10 * 60_000;

/** A process of the built app. */
export type Member = {
  readonly name: string;
  readonly app: App;
  isAlive: boolean;
  /** When the newest data that it has served was fetched. */
  fetchedAt: number;
};

export type Fleet = ReturnType<typeof createFleet>;

/** The processes of the app on one world. Every answer that they give is checked. */
export function createFleet(world: World, settings: Readonly<Record<string, string>> = {}) {
  const { report, tell } = world;
  let members: readonly Member[] = [];
  const totals = { started: 0, killed: 0, reads: 0, worstReadMs: 0, worstReadInOutageMs: 0 };

  /** Whether it holds a snapshot that can be served: then its answers wait for nobody. */
  function isWarm({ fetchedAt }: Member): boolean {
    return world.now() - fetchedAt < expiredAfterMs - marginMs;
  }

  function mustServe(member: Member): boolean {
    const isStored = world.now() - world.fetchedAt() < expiredAfterMs - marginMs;
    return isWarm(member) || (isStored && !world.isStorageDisturbed());
  }

  /** The answer; `undefined` when the process was killed before it came. */
  async function ask(member: Member, path: string, method: 'GET' | 'POST' = 'GET'): Promise<Reply | undefined> {
    try {
      return await (method === 'GET' ? member.app.get(path) : member.app.post(path));
    } catch (error) {
      if (member.isAlive) throw error;
      return undefined;
    }
  }

  async function read(member: Member, path: string): Promise<void> {
    const situation = { mustServe: mustServe(member), findList: world.findList, statements: world.statements };
    const { fetchedAt: servedBefore } = member;
    const wasWarm = isWarm(member);
    const [startedAt, askedAtMs] = [world.now(), performance.now()];
    const reply = await ask(member, path);
    if (reply === undefined) return;
    const elapsedMs = performance.now() - askedAtMs;
    totals.reads += 1;
    if (wasWarm) totals.worstReadMs = Math.max(totals.worstReadMs, elapsedMs);
    if (wasWarm && world.isUpstreamDown()) totals.worstReadInOutageMs = Math.max(totals.worstReadInOutageMs, elapsedMs);
    const problem = findProblem({ path, reply, startedAt, endedAt: world.now() }, situation);
    if (problem !== undefined) report(`${member.name} ${path}: ${problem}`);
    const fetchedAt = readFetchedAt(reply) ?? Number.NEGATIVE_INFINITY;
    if (reply.status === 200 && fetchedAt < servedBefore) report(`${member.name} ${path}: older data than before`);
    member.fetchedAt = Math.max(member.fetchedAt, fetchedAt);
  }

  async function start(): Promise<Member> {
    const app = await world.stage.startApp({ PARTNER_CENTER_TIMEOUT_SECONDS: '1', ...settings });
    totals.started += 1;
    const member = { name: `process ${totals.started}`, app, isAlive: true, fetchedAt: Number.NEGATIVE_INFINITY };
    members = [...members, member];
    tell(`${member.name} started`);
    return member;
  }

  async function kill(member: Member, at: string): Promise<void> {
    if (!member.isAlive) return;
    member.isAlive = false;
    members = members.filter((one) => one !== member);
    member.app.signal('SIGKILL');
    await member.app.ended;
    totals.killed += 1;
    tell(`${member.name} killed ${at}`);
  }

  return {
    totals,
    alive: () => members,
    isWarm,
    ask,
    read,
    start,
    kill,
    /** Runs the timer of a process once, until it is over or the process is killed. */
    tick: async ({ name, app }: Member): Promise<void> => {
      await Promise.race([app.tick().catch(() => app.ended), app.ended]);
      for (const { event, code, why } of app.takeEvents()) {
        if (/^(?:refresh|events)\./.test(event)) tell([` ${name}:`, event, code, why].filter(isText).join(' '));
      }
      app.entries.length = 0;
    },
  };
}

const isText = (value: unknown) => typeof value === 'string';
