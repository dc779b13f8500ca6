import type { OperationContext } from '../context.ts';
import type { YieldToEventLoop } from '../clock.ts';
import { DependencyError, toDependencyError } from '../errors.ts';
import type { UsageDownload, UsageSource } from '../ports.ts';
import { createSnapshotBuilder } from '../snapshot/snapshot.ts';
import { runInTurns } from '../turns.ts';
import { readUpstreamIds } from './http.ts';
import type { StreamedAnswer } from './http.ts';
import { requestPage } from './page-request.ts';
import type { PageAddress, PageRequestDeps } from './page-request.ts';
import { addEvidence, createPageReader } from './read-page.ts';
import type { Link, PageEnvelope } from './read-page.ts';
import type { RetryContext } from './retry.ts';

const minute = 60_000;

export type PartnerCenterUsageDeps = PageRequestDeps & {
  /** Without a trailing slash and without `/v1`. */
  readonly apiUrl: string;
  /** Time limit for all pages with all retries; 7 minutes by default, so 1 of the refresh's 8 minutes is left to publish. */
  readonly timeoutMs?: number;
  /** Size limit for all decoded bodies together; 512 MiB by default. */
  readonly maxBytes?: number;
  readonly yieldToEventLoop: YieldToEventLoop;
  /** 1000 by default. */
  readonly maxPages?: number;
};

/** Creates the source that downloads all pages of Partner Center's `GET /v1/customers/usagerecords`. Every failure is a DependencyError. */
export function createPartnerCenterUsage(deps: PartnerCenterUsageDeps): UsageSource {
  const { apiUrl, clock, yieldToEventLoop } = deps;
  const { timeoutMs = 7 * minute, maxBytes = 512 * 1024 * 1024, maxPages = 1_000 } = deps;

  async function download(context: OperationContext, expectedRecords?: number): Promise<UsageDownload> {
    const signal = AbortSignal.any([context.signal, AbortSignal.timeout(timeoutMs)]);
    const deadlineAt = clock() + timeoutMs;
    try {
      const complete = await downloadPages(
        { ...context, signal, operation: 'usagerecords', deadlineAt },
        expectedRecords,
      );
      reportMismatch(complete, context);
      return complete;
    } catch (error) {
      throw toDependencyError(error, 'the download ended before the list was complete');
    }
  }

  async function downloadPages(context: RetryContext, expectedRecords?: number): Promise<UsageDownload> {
    const builder = createSnapshotBuilder(expectedRecords);
    const first: PageAddress = { url: `${apiUrl}/v1/customers/usagerecords`, headers: {} };
    const findNextPage = createNextPageFinder(apiUrl, first, maxPages);
    let page: PageAddress | undefined = first;
    let facts = noPages;
    while (page !== undefined) {
      const reader = createPageReader(builder);
      const answer = await requestPage(deps, { ...page, maxBytes: maxBytes - facts.bytes, reader }, context);
      try {
        const envelope = reader.end();
        facts = addPage(facts, answer, envelope);
        page = findNextPage(envelope);
      } catch (error) {
        throw await addEvidence(error, answer);
      }
    }
    const snapshot = await runInTurns(builder.build(), yieldToEventLoop);
    return { snapshot, ...facts };
  }

  return { download };
}

type DownloadFacts = Omit<UsageDownload, 'snapshot'>;

const noPages: DownloadFacts = {
  totalCount: undefined,
  pages: 0,
  bytes: 0,
  requestId: undefined,
  correlationId: undefined,
};

/** Adds up the pages; ids and count are those of the first page that gives them. */
function addPage(before: DownloadFacts, answer: StreamedAnswer, { totalCount }: PageEnvelope): DownloadFacts {
  const { upstreamRequestId, upstreamCorrelationId } = readUpstreamIds(answer);
  return {
    totalCount: before.totalCount ?? totalCount ?? undefined,
    pages: before.pages + 1,
    bytes: before.bytes + answer.bytes,
    requestId: before.requestId ?? upstreamRequestId,
    correlationId: before.correlationId ?? upstreamCorrelationId,
  };
}

/**
 * Creates a function that follows `links.next`. It limits the number of pages and stays on the API's own origin. A list with a
 * refused link fails as a whole.
 */
function createNextPageFinder(apiUrl: string, first: PageAddress, maxPages: number) {
  const seen = new Set([buildPageKey(first)]);

  /** The address of the page after this one; `undefined` at the end. Throws DependencyError `UpstreamPartial`. */
  return function findNextPage({ links }: PageEnvelope): PageAddress | undefined {
    const next = links?.next;
    if (next === null || next === undefined) return undefined;

    function refuse(message: string, reason: string): DependencyError {
      return new DependencyError('UpstreamPartial', message, { details: { reason, pages: seen.size } });
    }

    const address = resolveLink(next, apiUrl);
    if (address === undefined) throw refuse('a page links to another origin', 'foreign-link');
    if (seen.has(buildPageKey(address))) throw refuse('a page links back to one already read', 'repeated-link');
    if (seen.size >= maxPages) throw refuse('there are more pages than allowed', 'too-many-pages');
    seen.add(buildPageKey(address));
    return address;
  };
}

/** The key includes the headers, because pages may share one address and differ in MS-ContinuationToken. */
function buildPageKey({ url, headers }: PageAddress): string {
  return JSON.stringify([url, headers]);
}

/** Headers of the connection or of this client, which a link cannot set. */
const ownHeaders = new Set(
  (
    'accept-encoding authorization connection content-length content-type cookie expect host keep-alive te trailer ' +
    'transfer-encoding upgrade'
  ).split(' '),
);

/**
 * Where a link of a collection leads: its `uri` may be absolute, or relative with or without `/v1`. `undefined` for another
 * origin than the API's, where our token must never go.
 */
function resolveLink({ uri, headers }: Link, apiUrl: string): PageAddress | undefined {
  const url = resolveUrl(uri, new URL(`${apiUrl}/v1/`));
  if (url === undefined) return undefined;
  const wanted = headers
    .map(({ key, value }) => [key.toLowerCase(), value] as const)
    .filter(([key, value]) => isHeader(key, value) && !ownHeaders.has(key));
  return { url, headers: Object.fromEntries(wanted) };
}

function resolveUrl(uri: string, base: URL): string | undefined {
  const given = URL.parse(uri, base.href);
  if (given === null || given.origin !== base.origin) return undefined;
  if (/^https?:/i.test(uri)) return `${given.origin}${given.pathname}${given.search}`;
  // After `./`, no text can name a host.
  return new URL(uri.replace(/^\/?(v1\/)?/, './'), base).href;
}

function isHeader(key: string, value: string): boolean {
  return /^[!#$%&'*+.^_`|~\w-]+$/.test(key) && /^[\t\x20-\x7e]*$/.test(value);
}

/** Logs a wrong `totalCount`. It is only a warning: the documented answer says 25 and has 4 items. */
function reportMismatch(
  { totalCount, snapshot, pages, requestId }: UsageDownload,
  { log, correlationId }: OperationContext,
): void {
  if (totalCount === undefined || totalCount === snapshot.count) return;
  const recordCount = snapshot.count;
  log('upstream.count-mismatch', { totalCount, recordCount, pages, correlationId, upstreamRequestId: requestId });
}
