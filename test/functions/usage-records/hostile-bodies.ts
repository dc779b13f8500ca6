import { gzipSync } from 'node:zlib';
import {
  goodRecords,
  createMembers,
  odd,
  oddTexts,
  oddValues,
  createRecord,
  served,
  withOne,
} from './hostile-records.ts';
import type { HostileList, HostileRecord } from './hostile-records.ts';
import { page, pageJson } from '../../support/services/partner-center.ts';
import type { ScriptedAnswer } from '../../support/services/scripted-server.ts';

const goodLines = goodRecords.map(({ line }) => line);

/** Every body, made by putting odd values, texts and envelopes into a good list. */
export const hostileLists: readonly HostileList[] = [
  ...oddValues(),
  ...oddTexts(),
  ...oddEnvelopes(),
  ...wrongItems(),
  ...wrongBodies(),
  ...implausibleLists(),
  ...pagedLists(),
  ...codedLists(),
];

function refused(name: string, body: string | Buffer): HostileList {
  return { name, records: undefined, answers: [{ body }] };
}

/** The good list in this body. */
function inBody(name: string, body: string | Buffer): HostileList {
  return served(name, goodRecords, body);
}

/** The same list in another wrapping. */
function oddEnvelopes(): HostileList[] {
  const body = pageJson(goodLines);
  return [
    inBody('a mark in front', `\ufeff${body}`),
    inBody('UTF-16 with a mark', Buffer.from(`\ufeff${body}`, 'utf16le')),
    inBody('blanks between all', spaced(body)),
    inBody('line ends of Windows', body.replaceAll('},{', '},\r\n{')),
    inBody('no count', `{"items":[${goodLines.join(',')}]}`),
    ...['25', '-1', 'null', '"60"', '1e99'].map((count) =>
      inBody(`a count of ${count}`, body.replace(':60,', `:${count},`)),
    ),
    inBody('the list first', `{"items":[${goodLines.join(',')}],"totalCount":60,"links":null}`),
    inBody('an escaped name of the list', body.replace('"items"', '"it\\u0065ms"')),
    inBody('unknown members around', body.replace('{', '{"data":[{"resourceId":"x"}],"attributes":{"items":[]},')),
  ];
}

/** Blanks wherever JSON allows them in these records, which hold no comma, colon or bracket inside a text but in dates. */
function spaced(body: string): string {
  return body.replaceAll(/"[^"]*"|[{}[\],:]/g, (part) => (part.startsWith('"') ? part : ` \t${part}\r\n`));
}

/** Items that are no records of a customer: whose they are cannot be said. */
function wrongItems(): HostileList[] {
  const { resourceId, ...nameless } = createMembers(odd);
  const ids = ['null', '""', '7', '[]', '{}', 'true'].map((id) => createRecord({ ...nameless, resourceId: id }).line);
  const items = ['null', '7', '"x"', '[]', 'true', '{}', createRecord(nameless).line, ...ids, `[${resourceId}]`];
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

/** The good list with this cost in each record of a number that `every` divides. */
function linesWithCost(cost: string, every: number): string[] {
  return goodRecords.map(
    ({ members }, number) => createRecord(number % every === 0 ? { ...members, totalCost: cost } : members).line,
  );
}

/** Lists that can be read, and must not be believed. */
function implausibleLists(): HostileList[] {
  return [
    refused('no records', pageJson([])),
    refused('less than half', pageJson(goodLines.slice(0, 29))),
    refused('no costs', pageJson(linesWithCost('0', 1))),
    refused('two odd records of sixty', pageJson(linesWithCost('null', 30))),
    refused('odd records only', pageJson(linesWithCost('"7"', 1))),
  ];
}

function linkTo(uri: string): string {
  return `,"links":{"next":{"uri":${JSON.stringify(uri)},"method":"GET","headers":[]}}`;
}

/** Lists of two pages. */
function pagedLists(): HostileList[] {
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

/** A body whose coding stands before the colon of its name. */
function coded(name: string, body: string | Buffer, records?: readonly HostileRecord[]): HostileList {
  return { name, records, answers: [{ headers: { 'content-encoding': name.split(':')[0] ?? '' }, body }] };
}

/** Lists with a content coding, and what only claims to have one. */
function codedLists(): HostileList[] {
  const zipped = gzipSync(pageJson(goodLines));
  return [
    coded('gzip: the list', zipped, goodRecords),
    coded('gzip: a plain list', pageJson(goodLines)),
    coded('gzip: cut', zipped.subarray(0, -9)),
    coded('gzip: with a flipped bit', Buffer.from(zipped.map((byte, at) => (at === 200 ? byte ^ 4 : byte)))),
    coded('br: a gzipped list', zipped),
    { name: 'gzip without saying so', records: undefined, answers: [{ body: zipped }] },
  ];
}
