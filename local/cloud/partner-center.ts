import { randomUUID } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { readerName } from './entra-authorize.ts';
import type { Answer, Exchange, Handler } from './http.ts';
import { jsonAnswer, pause } from './http.ts';
import { partnerCenterProblem } from './documented-problems.ts';
import { continuedPage, partnerCenterFaults } from './partner-center-faults.ts';
import { collectionText } from './usage-list.ts';
import type { World } from './world.ts';

const path = '/v1/customers/usagerecords';

export type PartnerCenter = {
  readonly handle: Handler;
  /** Another host than the API's, for links that lead away: counts who comes and who brings a token. */
  readonly handleForeign: Handler;
  latencyMs(): number;
  setLatencyMs(ms: number): void;
};

/** `GET /v1/customers/usagerecords` for an App+User token with MFA. */
export function createPartnerCenter(
  { clock, tokens, ledger, faults, list }: World,
  options: { readonly apiUrl: string; readonly foreignUrl: string; readonly latencyMs: number },
): PartnerCenter {
  const { apiUrl, foreignUrl } = options;
  let { latencyMs } = options;

  function refusalOf(exchange: Exchange): Answer | undefined {
    const claims = tokens.claimsOf(exchange);
    if (claims === undefined) return partnerCenterProblem(401, '400', 'Access denied');
    if (claims.aud !== apiUrl) return partnerCenterProblem(401, '900420', 'The token has a wrong audience');
    if (!claims.amr.includes('mfa')) return partnerCenterProblem(401, '900421', 'MFA is required');
    return claims['upn'] === readerName ? partnerCenterProblem(403, '900308', 'Insufficient privileges') : undefined;
  }

  /** What the documented test header asks for. */
  function mfaHeaders(exchange: Exchange): Readonly<Record<string, string>> {
    if (exchange.headers['validatemfa'] !== 'true') return {};
    return { ismfacompliant: String(tokens.claimsOf(exchange)?.amr.includes('mfa') ?? false) };
  }

  function proceed(exchange: Exchange): Answer {
    const refusal = refusalOf(exchange) ?? continuedPage(exchange, list);
    return refusal ?? { ...jsonAnswer(200, null), body: list.body() };
  }

  let packed: { readonly body: string | Buffer; readonly gzip: Buffer } | undefined;

  /** In gzip for whom asks, as Partner Center does; a fault that names its own coding stays as it is. */
  function compress(answer: Answer, { headers }: Exchange): Answer {
    const { body = '', headers: own } = answer;
    const asksForGzip = /\bgzip\b/.test(String(headers['accept-encoding']));
    if (!asksForGzip || body.length === 0 || own?.['content-encoding'] !== undefined) return answer;
    // The list is the same buffer all day: packing 100 000 records anew for each call takes a second.
    if (packed?.body !== body) packed = { body, gzip: gzipSync(body) };
    return { ...answer, headers: { ...own, 'content-encoding': 'gzip', vary: 'accept-encoding' }, body: packed.gzip };
  }

  return {
    latencyMs: () => latencyMs,
    setLatencyMs(ms) {
      latencyMs = ms;
    },
    async handle(exchange) {
      const { method, url, headers } = exchange;
      if (method !== 'GET' || url.pathname !== path) return partnerCenterProblem(404, '1000', 'Not found');
      ledger.count('usagerecords', 'partner-center', exchange);
      if (latencyMs > 0) await pause(latencyMs);
      const context = { exchange, proceed: () => proceed(exchange), list, clock, foreignUrl };
      const answer = await faults.play('partner-center', partnerCenterFaults, context);
      const ids = {
        'ms-requestid': headers['ms-requestid'] ?? randomUUID(),
        'ms-correlationid': headers['ms-correlationid'] ?? randomUUID(),
      };
      return compress({ ...answer, headers: { ...ids, ...mfaHeaders(exchange), ...answer.headers } }, exchange);
    },
    handleForeign(exchange) {
      ledger.count('foreignHost', 'foreign-host', exchange);
      if (exchange.headers.authorization !== undefined) {
        ledger.count('foreignHostWithToken', 'foreign-host', exchange);
      }
      return { ...jsonAnswer(200, null), body: collectionText([]) };
    },
  };
}
