import { hash } from 'node:crypto';
import type { Clock } from '../shared/clock.ts';
import type { JsonObject } from '../shared/contract/json-schema.ts';
import type { DescribedService } from '../shared/contract/service.ts';
import { acceptedTypeOf, jsonType } from '../shared/http/accept.ts';
import { isSameAnswer } from '../shared/http/conditional.ts';
import type { ContentAnswer } from '../shared/http/content-answer.ts';
import type { Route } from '../shared/http/handler.ts';
import { siblingLinkOf } from '../shared/http/next-link.ts';
import { parseUsageQuery } from '../shared/usage/query-parser.ts';

export type DescriptionDeps = {
  /** Gives what makes the document. */
  readonly describer: () => Promise<(service: DescribedService) => JsonObject>;
  readonly service: Omit<DescribedService, 'baseUrl'>;
  readonly clock: Clock;
  /** Scheme, host and path prefix of addresses; the request's own when it is not set. */
  readonly publicBaseUrl: string | undefined;
  readonly contentAnswer: ContentAnswer;
};

/** `GET /api/openapi.json` and `GET /api/swagger.json`: what the service offers, made from what parses and answers its requests. */
export function createDescriptionRoute(deps: DescriptionDeps): Route {
  const { describer, service, clock, publicBaseUrl, contentAnswer } = deps;
  // The last one made: addresses differ only where there are several names for one service.
  let made = { baseUrl: '', bytes: Buffer.alloc(0), etag: '' };

  return async function description(apiRequest) {
    const { url, headers } = apiRequest;
    parseUsageQuery(url.searchParams, clock(), ['api-version']);
    acceptedTypeOf(headers, [jsonType]);
    const baseUrl = siblingLinkOf(url, publicBaseUrl, '').replace(/\/$/, '');
    if (baseUrl !== made.baseUrl) {
      const describe = await describer();
      const bytes = Buffer.from(JSON.stringify(describe({ ...service, baseUrl })));
      made = { baseUrl, bytes, etag: `W/"${hash('sha256', bytes, 'base64url').slice(0, 27)}"` };
    }
    const { bytes, etag } = made;
    const common = { etag, 'cache-control': 'private, max-age=300', vary: 'Accept, Accept-Encoding' };
    if (isSameAnswer(headers, etag)) return { status: 304, headers: common };
    return contentAnswer({
      apiRequest,
      contentType: `${jsonType}; charset=utf-8`,
      headers: common,
      content: () => ({ byteLength: bytes.length, bytes: () => bytes }),
    });
  };
}
