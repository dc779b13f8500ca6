import { buildRouteLink, buildSiblingLink } from '../shared/http/message.ts';
import { jsonType, requireType } from '../shared/http/negotiation.ts';
import { ageHeaders } from '../shared/http/representation.ts';
import { joinEvents, getLastSequence } from '../shared/budget-events/event-log.ts';
import {
  formatEventQuery,
  createEventParameters,
  listEventsSince,
  parseEventQuery,
} from '../shared/budget-events/query.ts';
import { readMethods } from './http-function.ts';
import type { HttpFunction } from './http-function.ts';

/** After a success nobody refreshes for five minutes, and the timer ticks as often: asking sooner brings nothing. */
const pollSeconds = 300;

/**
 * `GET /api/budget-events`: a polling trigger (docs/guide/budget-events.md). 202 with `Location` when there is nothing new, 200 with the
 * events, oldest first, when there is; the state is in `Location`, so a caller that follows it loses nothing.
 */
export const budgetEvents: HttpFunction = {
  name: 'budget-events',
  route: 'budget-events',
  methods: readMethods,
  access: 'Usage.Read',
  createHandler({ snapshots, loadEventLog, responder, clock, limits, publicBaseUrl, service }) {
    const parameters = createEventParameters(service.thresholds);

    return async function answerBudgetEvents(request) {
      const { url, headers, context } = request;
      const query = parseEventQuery(url.searchParams, parameters);
      requireType(headers, [jsonType]);
      const served = await snapshots.get(context);
      const log = await loadEventLog(served.info.eventsBlob, context);
      // Without a state nothing is news: the poller begins behind the newest event, or behind this list where there is no log.
      const since = query.since ?? (getLastSequence(log) || served.info.fetchedAt);
      const { events, seen, isCut } = listEventsSince(log, since, query);
      const next = formatEventQuery({ ...query, since: events.length === 0 ? since : seen }, parameters);
      const polled = {
        location: buildRouteLink(url, publicBaseUrl, next),
        'retry-after': String(isCut ? 1 : pollSeconds),
        'cache-control': 'no-store',
        ...ageHeaders(served, clock(), limits.freshMs),
      };
      if (events.length === 0) return { status: 202, headers: polled };
      const body = joinEvents(log, events, buildSiblingLink(url, publicBaseUrl, 'customers/usagerecords'));
      return responder.send(
        request,
        { contentType: `${jsonType}; charset=utf-8`, headers: polled },
        { pieces: [body] },
      );
    };
  },
};
