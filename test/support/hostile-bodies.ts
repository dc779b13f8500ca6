import { page, pageJson } from './partner-center.ts';
import type { ScriptedAnswer } from './scripted-server.ts';

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
const odd = 7;

/** The list that is served before each hostile one. */
export const goodRecords: readonly HostileRecord[] = Array.from({ length: recordCount }, (_, number) =>
  recordOf(membersOf(number)),
);

function membersOf(number: number): Members {
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

function recordOf(members: Members): HostileRecord {
  const texts = Object.entries(members).flatMap(([name, json]) => (json === undefined ? [] : [`"${name}":${json}`]));
  return { line: `{${texts.join(',')}}`, members };
}

const goodLines = goodRecords.map(({ line }) => line);
const withOne = <T>(items: readonly T[], item: T): T[] => items.map((each, number) => (number === odd ? item : each));

function served(name: string, records: readonly HostileRecord[], body?: string | Buffer): HostileList {
  const answer = page(records.map(({ line }) => line));
  return { name, records, answers: [body === undefined ? answer : { ...answer, body }] };
}

function refused(name: string, body: string | Buffer): HostileList {
  return { name, records: undefined, answers: [{ body }] };
}

/** Every body, made by putting odd values, texts and envelopes into a good list. */
export const hostileLists: readonly HostileList[] = [
  ...oddValues(),
  ...oddTexts(),
  ...oddEnvelopes(),
  ...wrongItems(),
  ...wrongBodies(),
  ...implausibleLists(),
  ...pagedLists(),
];

/** A value of another type in each member of one record. */
function oddValues(): HostileList[] {
  const values = ['null', '"12"', '7', 'true', '[]', '{}', '{"amount":"5"}', '[1]', '""', '-0.0', undefined];
  const names = ['budget', 'percentUsed', 'isUpgraded', 'totalCost', 'usdTotalCost', 'currencyCode', 'currencyLocale'];
  return [...names, 'lastModifiedDate', 'resourceName'].flatMap((name) =>
    values.map((value) => {
      const record = recordOf({ ...membersOf(odd), [name]: value });
      return served(`${name} is ${value}`, withOne(goodRecords, record));
    }),
  );
}

/** Sound values written in a way that a careless reader gets wrong. */
function oddTexts(): HostileList[] {
  const sound = membersOf(odd);
  const said = (name: string, line: string, members: Members = sound) =>
    served(name, withOne(goodRecords, { line, members }));
  const { line } = recordOf(sound);
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
      served(`a cost of ${digits}`, withOne(goodRecords, recordOf({ ...sound, totalCost: digits }))),
    ),
  ];
}

/** The same list in another wrapping. */
function oddEnvelopes(): HostileList[] {
  const body = pageJson(goodLines);
  const as = (name: string, text: string | Buffer) => served(name, goodRecords, text);
  return [
    as('a mark in front', `\ufeff${body}`),
    as('UTF-16 with a mark', Buffer.from(`\ufeff${body}`, 'utf16le')),
    as('blanks between all', spaced(body)),
    as('line ends of Windows', body.replaceAll('},{', '},\r\n{')),
    as('no count', `{"items":[${goodLines.join(',')}]}`),
    ...['25', '-1', 'null', '"60"', '1e99'].map((count) =>
      as(`a count of ${count}`, body.replace(':60,', `:${count},`)),
    ),
    as('the list first', `{"items":[${goodLines.join(',')}],"totalCount":60,"links":null}`),
    as('an escaped name of the list', body.replace('"items"', '"it\\u0065ms"')),
    as('unknown members around', body.replace('{', '{"data":[{"resourceId":"x"}],"attributes":{"items":[]},')),
  ];
}

/** Blanks wherever JSON allows them in these records, which hold no comma, colon or bracket inside a text but in dates. */
function spaced(body: string): string {
  return body.replaceAll(/"[^"]*"|[{}[\],:]/g, (part) => (part.startsWith('"') ? part : ` \t${part}\r\n`));
}

/** Items that are no records of a customer: whose they are cannot be said. */
function wrongItems(): HostileList[] {
  const { resourceId, ...nameless } = membersOf(odd);
  const ids = ['null', '""', '7', '[]', '{}', 'true'].map((id) => recordOf({ ...nameless, resourceId: id }).line);
  const items = ['null', '7', '"x"', '[]', 'true', '{}', recordOf(nameless).line, ...ids, `[${resourceId}]`];
  return items.map((item, number) => refused(`wrong item ${number}`, pageJson(withOne(goodLines, item))));
}

/** Bodies that are no list. */
function wrongBodies(): HostileList[] {
  const body = pageJson(goodLines);
  const cuts = Array.from({ length: 16 }, (_, cut) => Math.floor((body.length * (cut + 0.5)) / 16));
  const texts = [
    '',
    ' \n',
    'null',
    '7',
    '"x"',
    '[]',
    '{}',
    '{"items":null}',
    '{"items":{}}',
    '{"items":"x"}',
    '<html>',
  ];
  const breaks: [string, string | Buffer][] = [
    ['two lists', body + body],
    ['items twice', body.replace('{', '{"items":[],')],
    ['a comma at the end', body.replace('}]', '},]')],
    ['a missing comma', body.replace('},{', '} {')],
    ['single quotes', body.replaceAll('"', "'")],
    ['a comment', body.replace('[', '[/* */')],
    ['NaN', body.replace('7.25', 'NaN')],
    ['a hexadecimal cost', body.replace('7.25', '0x10')],
    ['a number with a blank', body.replace('7.25', '7. 25')],
    ['a raw line end in a text', body.replace('Customer 7', 'Customer\n7')],
    [
      'bytes that are no UTF-8',
      Buffer.concat([Buffer.from(body.slice(0, 300)), Buffer.from([0xff]), Buffer.from(body)]),
    ],
    ['half of a UTF-16 unit', Buffer.from(`\ufeff${body}`, 'utf16le').subarray(0, -1)],
    ['zero bytes behind', `${body}\0`],
    ['links that are none', body.replace('{', '{"links":"x",')],
    ['a link that is none', body.replace('{', '{"links":{"next":{"uri":5}},')],
  ];
  return [
    ...cuts.map((cut) => refused(`cut at ${cut}`, body.slice(0, cut))),
    ...texts.map((text) => refused(`the body ${JSON.stringify(text)}`, text)),
    ...breaks.map(([name, text]) => refused(name, text)),
  ];
}

/** Lists that can be read, and must not be believed. */
function implausibleLists(): HostileList[] {
  const costless = goodRecords.map(({ members }) => recordOf({ ...members, totalCost: '0' }).line);
  const costsOf = (cost: string, every: number) =>
    goodRecords.map(
      ({ members }, number) => recordOf(number % every === 0 ? { ...members, totalCost: cost } : members).line,
    );
  return [
    refused('no records', pageJson([])),
    refused('less than half', pageJson(goodLines.slice(0, 29))),
    refused('no costs', pageJson(costless)),
    refused('two odd records of sixty', pageJson(costsOf('null', 30))),
    refused('odd records only', pageJson(costsOf('"7"', 1))),
  ];
}

/** Lists of two pages. */
function pagedLists(): HostileList[] {
  const linkTo = (uri: string) => `,"links":{"next":{"uri":${JSON.stringify(uri)},"method":"GET","headers":[]}}`;
  const next = '/customers/usagerecords?page=2';
  const first = page(goodLines.slice(0, 30), linkTo(next));
  const rest = goodLines.slice(30);
  const pages = (name: string, second: ScriptedAnswer): HostileList => ({
    name,
    records: undefined,
    answers: [first, second],
  });
  return [
    { name: 'two pages', records: goodRecords, answers: [first, page(rest)] },
    pages('a second page that is cut', { body: pageJson(rest).slice(0, -40) }),
    pages('a second page that is none', { body: '<html>' }),
    pages('a second page that links to itself', page(rest, linkTo(next))),
    pages('a second page that leads elsewhere', page(rest, linkTo('https://example.com/usagerecords'))),
    pages('a second page with a nameless item', page([...rest, '{}'])),
    pages('a second page that is refused', { status: 400, body: '{}' }),
  ];
}
