import { z } from 'zod';
import type { Reply } from '../e2e/stage/stage.ts';
import { expiredAfterMs, findState } from './freshness.ts';
import { splitRecords } from './served-lists.ts';
import type { ServedList } from './served-lists.ts';

export const watchedCustomer = '11111111-6fb9-4b05-8f15-b3d72e0596e6';

const rowSchema = z.looseObject({
  resourceId: z.string(),
  percentUsed: z.number(),
  budget: z.looseObject({ amount: z.number().nullish() }).nullable(),
});

type Row = z.infer<typeof rowSchema>;

/** The routes that readers ask, with the records that belong into the answer; without `has` only the snapshot's figures are compared. */
export const routes: readonly { readonly path: string; readonly has?: (row: Row) => boolean }[] = [
  { path: '/api/customers/usagerecords', has: () => true },
  {
    path: '/api/customers/usagerecords?minPercentUsed=80',
    has: ({ percentUsed, budget }) => typeof budget?.amount === 'number' && percentUsed >= 80,
  },
  {
    path: `/api/customers/usagerecords/${watchedCustomer}`,
    has: ({ resourceId }) => resourceId === watchedCustomer,
  },
  { path: '/api/usagesummary' },
];

export type Read = {
  readonly path: string;
  readonly reply: Reply;
  /** By the cloud's clock. */
  readonly startedAt: number;
  readonly endedAt: number;
};

/** What a reader could know when it asked. */
export type Situation = {
  /** The process holds a snapshot, or can read one, that has not expired. */
  readonly mustServe: boolean;
  readonly findList: (fetchedAt: number) => ServedList | undefined;
  /** Every `fetchedAt reason` that a stored pointer said. */
  readonly statements: ReadonlySet<string>;
};

const snapshotSchema = z.strictObject({
  period: z.string().regex(/^\d{4}-\d\d$/),
  fetchedAt: z.iso.datetime(),
  state: z.string(),
  reason: z.string().optional(),
  recordCount: z.number(),
  estimate: z.literal(true),
});
const answerSchema = z.looseObject({ totalCount: z.number(), snapshot: snapshotSchema });
const problemSchema = z.looseObject({
  type: z.string(),
  title: z.string(),
  status: z.number(),
  instance: z.string(),
  code: z.string(),
  detail: z.string(),
});

/** The codes a reader may get while there is nothing usable (docs/reference/errors.md). */
const outages = ['CacheEmpty', 'SnapshotExpired', 'StorageUnavailable'];

export const formatStatement = (fetchedAt: number, reason: string | undefined): string =>
  `${new Date(fetchedAt).toISOString()} ${reason ?? 'no reason'}`;

/** What is wrong with an answer; `undefined` when nothing is. */
export function findProblem(read: Read, situation: Situation): string | undefined {
  const { status } = read.reply;
  if (status === 200) return findWrongData(read, situation);
  const route = routes.find(({ path }) => path === read.path);
  if (status === 404 && read.path.endsWith(watchedCustomer)) return findBadProblem(read, ['CustomerNotFound']);
  if (status === 503 && route !== undefined && !situation.mustServe) return findBadProblem(read, outages);
  return `status ${status} ${read.reply.body.slice(0, 500)}`;
}

/** When the answer's data was fetched; `undefined` for an error. */
export function readFetchedAt({ json }: Reply): number | undefined {
  const { data } = answerSchema.safeParse(json);
  return data && Date.parse(data.snapshot.fetchedAt);
}

function findWrongData({ path, reply, startedAt, endedAt }: Read, situation: Situation): string | undefined {
  const parsed = answerSchema.safeParse(reply.json);
  if (!parsed.success) return `not an answer: ${z.prettifyError(parsed.error)}`;
  const { totalCount, snapshot } = parsed.data;
  const { state, reason, recordCount } = snapshot;
  const fetchedAt = Date.parse(snapshot.fetchedAt);
  if (fetchedAt > endedAt + 1000) return 'fetchedAt is in the future';
  const states = [startedAt, endedAt].map((at) => findState(at - fetchedAt));
  if (!states.includes(state)) return `${state} instead of ${states.join(' or ')}`;
  if (startedAt - fetchedAt > expiredAfterMs) return 'expired data was served';
  if (!situation.statements.has(formatStatement(fetchedAt, reason))) {
    return `no pointer ever said ${formatStatement(fetchedAt, reason)}`;
  }
  const changed = Math.floor(fetchedAt / 1000) * 1000;
  if (Date.parse(String(reply.headers['last-modified'])) !== changed) return 'Last-Modified is not fetchedAt';
  const list = situation.findList(fetchedAt);
  if (list === undefined) return 'data was served before Partner Center had served any';
  const records = splitRecords(list.items);
  if (recordCount !== records.length) return `recordCount ${recordCount} instead of ${records.length}`;
  const has = routes.find((route) => route.path === path)?.has;
  if (has === undefined) return totalCount === records.length ? undefined : `totalCount ${totalCount}`;
  const expected = records.filter((record) => has(rowSchema.parse(JSON.parse(record))));
  if (totalCount !== expected.length) return `totalCount ${totalCount} instead of ${expected.length}`;
  const value = `{"value":[${expected.join(',')}],"totalCount":`;
  return reply.body.startsWith(value) ? undefined : 'the records are not those that Partner Center served';
}

function findBadProblem({ reply }: Read, codes: readonly string[]): string | undefined {
  const parsed = problemSchema.safeParse(reply.json);
  if (!parsed.success) return `not a problem document: ${z.prettifyError(parsed.error)}`;
  const { code, status } = parsed.data;
  if (!codes.includes(code) || status !== reply.status) return `${reply.status} with the problem ${code} of ${status}`;
  const isJson = String(reply.headers['content-type']).startsWith('application/json');
  if (!isJson) return `a problem as ${reply.headers['content-type']}`;
  const hasRetry = Number(reply.headers['retry-after']) > 0;
  return status === 503 && !hasRetry ? '503 without Retry-After' : undefined;
}
