import { page } from '../../support/services/partner-center.ts';
import type { ScriptedAnswer } from '../../support/services/scripted-server.ts';

/** The JSON text of each member of a record as a reader understands it. */
export type Members = Readonly<Record<string, string | undefined>>;

/** A record of a hostile list: how it is to be served, which is how it came but for blanks, and what it says. */
export type HostileRecord = { readonly line: string; readonly members: Members };

export type HostileList = {
  readonly name: string;
  readonly answers: readonly ScriptedAnswer[];
  /** What has to be served; `undefined`: nothing of it, because it is no list or must not be believed. */
  readonly records: readonly HostileRecord[] | undefined;
};

const recordCount = 60;
/** The record that is played with. */
export const odd = 7;

/** The list that is served before each hostile one. */
export const goodRecords: readonly HostileRecord[] = Array.from({ length: recordCount }, (_, number) =>
  createRecord(createMembers(number)),
);

/** What the record of this number says in a good list. */
export function createMembers(number: number): Members {
  const isUpgraded = number % 5 !== 0;
  const budget = number % 4 === 0 ? '{"attributes":{}}' : `{"amount":${100 + number}}`;
  return {
    budget,
    percentUsed: number % 4 === 0 ? '0' : `${number}.25`,
    isUpgraded: String(isUpgraded),
    resourceId: `"abcdef00-0000-4000-8000-0000000000${10 + number}"`,
    resourceName: `"Customer ${number}"`,
    totalCost: `${number}.${10 + number}000000000000000${number + 10}`,
    [isUpgraded ? 'currencyCode' : 'currencyLocale']: isUpgraded ? '"SEK"' : '"fr-FR"',
    usdTotalCost: isUpgraded ? `${number}.05` : '0',
    lastModifiedDate: '"2026-11-19T17:08:11.1433333+00:00"',
  };
}

/** A record that says this. */
export function createRecord(members: Members): HostileRecord {
  const texts = Object.entries(members).flatMap(([name, json]) => (json === undefined ? [] : [`"${name}":${json}`]));
  return { line: `{${texts.join(',')}}`, members };
}

/** The items with the one that is played with replaced. */
export const withOne = <T>(items: readonly T[], item: T): T[] =>
  items.map((each, number) => (number === odd ? item : each));

/** A list that has to be served. */
export function served(name: string, records: readonly HostileRecord[], body?: string | Buffer): HostileList {
  const answer = page(records.map(({ line }) => line));
  return { name, records, answers: [body === undefined ? answer : { ...answer, body }] };
}

/** A value of another type in each member of one record. */
export function oddValues(): HostileList[] {
  const values = ['null', '"12"', '7', 'true', '[]', '{}', '{"amount":"5"}', '[1]', '""', '-0.0', undefined];
  const names = ['budget', 'percentUsed', 'isUpgraded', 'totalCost', 'usdTotalCost', 'currencyCode', 'currencyLocale'];
  return [...names, 'lastModifiedDate', 'resourceName'].flatMap((name) =>
    values.map((value) => {
      const record = createRecord({ ...createMembers(odd), [name]: value });
      return served(`${name} is ${value}`, withOne(goodRecords, record));
    }),
  );
}

/** Sound values written in a way that a careless reader gets wrong. */
export function oddTexts(): HostileList[] {
  const sound = createMembers(odd);
  const said = (name: string, line: string, members: Members = sound) =>
    served(name, withOne(goodRecords, { line, members }));
  const { line } = createRecord(sound);
  const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
  return [
    said('a member stands twice', line.replace('{', '{"totalCost":"x","percentUsed":1,')),
    said('a name is escaped', line.replace('"totalCost"', '"total\\u0043ost"')),
    said('a text ends in a backslash', line.replace('"Customer 7"', '"C\\\\"'), { ...sound, resourceName: '"C\\\\"' }),
    said('a text looks like the end', line.replace('Customer 7', '}],\\"items\\":[{'), {
      ...sound,
      resourceName: '"}],\\"items\\":[{"',
    }),
    said('half a surrogate', line.replace('Customer 7', '\\ud800'), { ...sound, resourceName: '"\\ud800"' }),
    said('members of the prototype', line.replace('{', '{"__proto__":{"totalCost":1},"constructor":2,')),
    said('an unknown member with figures', line.replace('{', '{"old":{"totalCost":1,"budget":{"amount":2}},')),
    said('an unknown member of great depth', line.replace('{', `{"deep":${deep},`)),
    said('a name of 200 kB', line.replace('Customer 7', 'x'.repeat(200_000)), {
      ...sound,
      resourceName: `"${'x'.repeat(200_000)}"`,
    }),
    said('an id in capitals', line.replace('abcdef', 'ABCDEF'), {
      ...sound,
      resourceId: String(sound['resourceId']).replace('abcdef', 'ABCDEF'),
    }),
    ...['1e400', '-1E-7', '0.10', '123456789012345678901234567890.5'].map((digits) =>
      served(`a cost of ${digits}`, withOne(goodRecords, createRecord({ ...sound, totalCost: digits }))),
    ),
  ];
}
