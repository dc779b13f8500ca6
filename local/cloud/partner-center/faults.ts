import { brotliCompressSync, gzipSync } from 'node:zlib';
import type { CloudClock } from '../control/clock.ts';
import { partnerCenterProblem, partnerCenterProblems } from '../problems.ts';
import type { Fault, FaultContext, FaultTable } from '../faults.ts';
import { type Answer, type Exchange, jsonAnswer } from '../http.ts';
import type { UsageRow } from './usage-row.ts';
import { formatCollection, type UsageList } from './usage-list.ts';

type Context = FaultContext & { readonly list: UsageList; readonly clock: CloudClock; readonly foreignUrl: string };

const ok = jsonAnswer(200, null);
const throttled = { statusCode: 429, message: 'Rate limit is exceeded. Try again in 1 seconds.' };
const gatewayPage = '<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>';
const huge = { totalCost: '123456789012345678901234567890.12345678901234567890', usdTotalCost: '9.99E+307' };
const unknown = { resellerMpnId: '12345678901234567890', credits: '[{"kind": "earned", "amount": 1.10}]' };

const blankMebibyte = gzipSync(Buffer.alloc(1024 * 1024, ' '));

export const partnerCenterFaults: FaultTable<Context> = {
  ...partnerCenterProblems,
  '401': () => partnerCenterProblem(401, '400', 'Access denied'),
  '403': () => partnerCenterProblem(403, '900329', 'App-only tokens are not supported'),
  'mfa-required': () => partnerCenterProblem(401, '900421', 'MFA is required'),
  '404': () => partnerCenterProblem(404, '1000', 'Not found'),
  '429': () => jsonAnswer(429, throttled, { 'retry-after': '1' }),
  '429-date': ({ clock }) => jsonAnswer(429, throttled, { 'retry-after': new Date(clock.now() + 2000).toUTCString() }),
  '429-bare': () => jsonAnswer(429, throttled),
  '500': () => partnerCenterProblem(500, '800003', 'Unexpected service error'),
  '502': () => ({ status: 502, headers: { 'content-type': 'text/html' }, body: gatewayPage }),
  '503': () => partnerCenterProblem(503, '900192', 'Service unavailable'),
  timeout: () => ({ status: 200, ending: 'silence' }),
  stall: ({ list }) => ({ ...ok, body: list.body(), ending: 'stall' }),
  reset: ({ list }) => ({ ...ok, body: list.body(), ending: 'reset' }),
  truncated: ({ list }) => ({ ...ok, body: list.body().subarray(0, list.body().length * 0.6) }),
  bom: ({ list }) => ({ ...ok, body: Buffer.concat([Buffer.from('\ufeff'), list.body()]) }),
  'wrong-content-type': ({ list }) => ({ ...ok, headers: { 'content-type': 'text/plain' }, body: list.body() }),
  uncompressed: ({ list }) => ({
    ...ok,
    headers: { ...ok.headers, 'content-encoding': 'identity' },
    body: list.body(),
  }),
  'not-gzip': ({ list }) => encode('gzip', list.body()),
  'gzip-cut': ({ list }) => encode('gzip', gzipSync(list.body()).subarray(0, -9)),
  // Members of one MiB: compressing 64 MiB at once would take the time that a refresh has for its call.
  'gzip-bomb': () => encode('gzip', Buffer.concat(Array.from({ length: 64 }, () => blankMebibyte))),
  brotli: ({ list }) => encode('br', brotliCompressSync(list.body())),
  'empty-list': changeList(() => []),
  'half-gone': changeList((rows) => rows.slice(0, Math.floor(rows.length * 0.4))),
  'zero-cost': changeEach(() => ({ totalCost: '0', usdTotalCost: '0', percentUsed: '0' })),
  'duplicate-ids': changeList((rows) => [...rows, ...rows.slice(0, 3)]),
  'unknown-members': changeEach(() => unknown),
  'null-budget': changeEach((number) => ({ budget: number % 2 === 0 ? 'null' : '{"amount": null}', percentUsed: '0' })),
  'huge-numbers': changeEach((number) => (number % 2 === 0 ? huge : { totalCost: '1e400' })),
  'negative-cost': changeEach(() => ({ totalCost: '-12.34000000000000001', percentUsed: '-1.5' })),
  'next-link': changeFirstPage((rows) => selectPage(rows, 'next', 0, Math.ceil(rows.length / 3))),
  'foreign-next-link': changeFirstPage((rows, { foreignUrl }) => ({
    ...ok,
    body: formatCollection(rows, { next: buildLink(`${foreignUrl}/v1/customers/usagerecords`, 'next:1:1') }),
  })),
  'endless-paging': changeFirstPage((rows) => selectPage(rows, 'endless', 0, 2)),
  'count-mismatch': changeFirstPage((rows) => ({
    ...ok,
    body: formatCollection(rows, { totalCount: rows.length + 21 }),
  })),
};

/** A further page, when the request asks for one by `seekOperation=Next` and the token of the link. */
export function findPage({ url, headers }: Exchange, list: UsageList): Answer | undefined {
  if (url.searchParams.get('seekOperation') !== 'Next') return undefined;
  const token = Buffer.from(String(headers['ms-continuationtoken'] ?? ''), 'base64').toString();
  const [, kind, offset, size] = /^(next|endless):(\d+):(\d+)$/.exec(token) ?? [];
  if (kind === undefined) return partnerCenterProblem(400, '3000', 'MS-ContinuationToken is missing or wrong');
  return selectPage(list.rows(), kind, Number(offset), Number(size));
}

function selectPage(rows: readonly UsageRow[], kind: string, offset: number, size: number): Answer {
  const end = offset + size;
  const after = kind === 'endless' ? 0 : end;
  const more = after < rows.length;
  const next = buildLink('/customers/usagerecords', `${kind}:${after}:${size}`);
  const body = formatCollection(rows.slice(offset, end), { totalCount: rows.length, ...(more && { next }) });
  return { ...ok, body };
}

function buildLink(uri: string, token: string): object {
  const headers = [{ key: 'MS-ContinuationToken', value: Buffer.from(token).toString('base64') }];
  return { uri: `${uri}?seekOperation=Next`, method: 'GET', headers };
}

function encode(coding: string, body: Buffer): Answer {
  return { ...ok, headers: { ...ok.headers, 'content-encoding': coding }, body };
}

function changeFirstPage(answer: (rows: readonly UsageRow[], context: Context) => Answer): Fault<Context> {
  return (context) =>
    context.exchange.url.searchParams.has('seekOperation') ? undefined : answer(context.list.rows(), context);
}

function changeList(change: (rows: readonly UsageRow[]) => readonly UsageRow[]): Fault<Context> {
  return changeFirstPage((rows) => ({ ...ok, body: formatCollection(change(rows)) }));
}

function changeEach(members: (number: number) => UsageRow): Fault<Context> {
  return changeList((rows) => rows.map((row, number) => ({ ...row, ...members(number) })));
}
