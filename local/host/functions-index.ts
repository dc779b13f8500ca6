import { Cron } from 'croner';
import type { Binding, RegisteredFunction } from './core-module.ts';
import { createRoute } from './routes.ts';

const authLevels = ['anonymous', 'function', 'admin'] as const;

export type AuthLevel = (typeof authLevels)[number];
type Common = { readonly name: string; readonly bindingName: string } & RegisteredFunction;
export type HttpFunction = Common & ReturnType<typeof readHttpTrigger>;
export type TimerFunction = Common & ReturnType<typeof readTimerTrigger>;
export type IndexedFunction = HttpFunction | TimerFunction;

type Settings = Readonly<Record<string, string | undefined>>;
export type IndexOptions = {
  readonly registered: Iterable<RegisteredFunction>;
  readonly routePrefix: string;
  readonly settings: Settings;
  /** Receives the reason why a function is left out. */
  readonly refuse: (name: string, reason: string) => void;
};

/** The functions that pass the host's checks, in order of name ignoring case. */
export function indexFunctions({ registered, routePrefix, settings, refuse }: IndexOptions): IndexedFunction[] {
  const indexed: IndexedFunction[] = [];
  for (const each of [...registered].toSorted(compareNames)) {
    try {
      const candidate = readFunction(each, routePrefix, settings);
      refuseConflict(candidate, indexed);
      indexed.push(candidate);
    } catch (error) {
      refuse(each.metadata.name, error instanceof Error ? error.message : String(error));
    }
  }
  return indexed;
}

function readFunction(registered: RegisteredFunction, routePrefix: string, settings: Settings): IndexedFunction {
  const { name, bindings } = registered.metadata;
  if (!/^[a-z][\w-]{0,127}$/i.test(name) || /^host$/i.test(name)) throw new Error('the name is not a valid one');
  const [bindingName, trigger] =
    Object.entries(bindings).find(([, each]) => /trigger$/i.test(readText(each, 'type'))) ?? [];
  if (bindingName === undefined || trigger === undefined) throw new Error('it has no trigger');

  const common = { ...registered, name, bindingName };
  const type = readText(trigger, 'type');
  if (type === 'httpTrigger') return { ...common, ...readHttpTrigger(name, trigger, routePrefix) };
  if (type === 'timerTrigger') return { ...common, ...readTimerTrigger(trigger, settings) };
  throw new Error(`this host has no ${type}`);
}

function readHttpTrigger(name: string, trigger: Binding, routePrefix: string) {
  const route = readText(trigger, 'route') || name;
  if (/^(?:admin|runtime)/i.test(route)) throw new Error('the route conflicts with one of the host');
  const wanted = readText(trigger, 'authLevel').toLowerCase() || 'anonymous';
  const authLevel = authLevels.find((level) => level === wanted);
  if (authLevel === undefined) throw new Error(`the authLevel "${wanted}" is not known`);
  const listed: unknown[] = Array.isArray(trigger['methods']) ? trigger['methods'] : [];
  const path = `${routePrefix}/${route}`.replaceAll(/^\/|\/$/g, '');
  const methods = listed.map((method) => String(method).toUpperCase());
  return { kind: 'http', methods, authLevel, path, route: createRoute(path) } as const;
}

function readTimerTrigger(trigger: Binding, settings: Settings) {
  const schedule = readText(trigger, 'schedule').replaceAll(/%([^%]+)%/g, (_all, name: string) => {
    const value = settings[name];
    if (value === undefined) throw new Error(`'%${name}%' does not resolve to a value`);
    return value;
  });
  const cron = new Cron(schedule, { paused: true, timezone: 'UTC', mode: '5-or-6-parts', domAndDow: true });
  /** The first instant of the schedule after the given one, both in epoch milliseconds; undefined when there is none. */
  const nextAfter = (at: number) => cron.nextRun(new Date(at))?.getTime();
  return { kind: 'timer', nextAfter } as const;
}

function refuseConflict(candidate: IndexedFunction, indexed: readonly IndexedFunction[]): void {
  if (indexed.some(({ name }) => name.toLowerCase() === candidate.name.toLowerCase())) {
    throw new Error('another function has the same name');
  }
  const same = indexed.find((each) => {
    if (each.kind !== 'http' || candidate.kind !== 'http') return false;
    const isSamePath = each.path.toLowerCase() === candidate.path.toLowerCase();
    return isSamePath && each.methods.some((method) => candidate.methods.includes(method));
  });
  if (same !== undefined) throw new Error(`the function "${same.name}" has the same route and a common method`);
}

function readText(binding: Binding, member: string): string {
  const value = binding[member];
  return typeof value === 'string' ? value : '';
}

function compareNames({ metadata: a }: RegisteredFunction, { metadata: b }: RegisteredFunction): number {
  return a.name.toLowerCase() < b.name.toLowerCase() ? -1 : 1;
}
