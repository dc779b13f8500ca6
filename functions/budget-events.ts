import { buildRouteLink, buildSiblingLink } from '../shared/http/message.ts';
import { jsonType, requireType } from '../shared/http/negotiation.ts';
import { rememberByUrl, rememberLast } from '../shared/http/remember.ts';
import { joinEvents, getLastSequence } from '../shared/budget-events/event-log.ts';
import {
  formatEventQuery,
  createEventParameters,
  listEventsSince,
  parseEventQuery,
} from '../shared/budget-events/query.ts';
import { readMethods } from './http-function.ts';
import type { HttpFunction } from './http-function.ts';

/** Nothing refreshes for five minutes after a success, so polling sooner finds nothing. */
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
  createHandler({ snapshots, loadEventLog, responder, getAgeHeaders, publicBaseUrl, service }) {
    const parameters = createEventParameters(service.thresholds);
    const readQuery = rememberByUrl(({ url, headers }) => {
      const query = parseEventQuery(url.searchParams, parameters);
      requireType(headers, [jsonType]);
      const buildLocation = rememberLast((since: number) =>
        buildRouteLink(url, publicBaseUrl, formatEventQuery({ ...query, since }, parameters)),
      );
      return { query, buildLocation };
    });

    return async function answerBudgetEvents(request) {
      const { query, buildLocation } = readQuery(request);
      const served = await snapshots.get(request.context);
      const log = await loadEventLog(served.info.eventsBlob, request.context);
      // A first poll starts after the newest event, or after this list if there is no log.
      const since = query.since ?? (getLastSequence(log) || served.info.fetchedAt);
      const { events, seen, isCut } = listEventsSince(log, since, query);
      const headers = {
        location: buildLocation(events.length === 0 ? since : seen),
        'retry-after': String(isCut ? 1 : pollSeconds),
        'cache-control': 'no-store',
        ...getAgeHeaders(served),
      };
      if (events.length === 0) return { status: 202, headers };
      const body = joinEvents(log, events, buildSiblingLink(request.url, publicBaseUrl, 'customers/usagerecords'));
      return responder.send(request, { contentType: `${jsonType}; charset=utf-8`, headers }, { pieces: [body] });
    };
  },
};
