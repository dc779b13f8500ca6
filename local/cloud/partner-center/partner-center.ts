import { randomUUID } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { readerName } from '../entra/authorize.ts';
import { type Answer, type Exchange, jsonAnswer, pause } from '../http.ts';
import { partnerCenterProblem } from '../problems.ts';
import { findPage, partnerCenterFaults } from './faults.ts';
import { formatCollection } from './usage-list.ts';
import type { CloudState } from '../control/state.ts';

const path = '/v1/customers/usagerecords';

type PartnerCenterOptions = { readonly apiUrl: string; readonly foreignUrl: string };

/** `GET /v1/customers/usagerecords` for an App+User token with MFA. */
export function createPartnerCenter(state: CloudState, { apiUrl, foreignUrl }: PartnerCenterOptions) {
  const { clock, tokens, requestLog, faults, list } = state;
  const play = faults.addService('partner-center', partnerCenterFaults);

  function checkToken(exchange: Exchange): Answer | undefined {
    const claims = tokens.readClaims(exchange);
    if (claims === undefined) return partnerCenterProblem(401, '400', 'Access denied');
    if (claims.aud !== apiUrl) return partnerCenterProblem(401, '900420', 'The token has a wrong audience');
    if (!claims.amr.includes('mfa')) return partnerCenterProblem(401, '900421', 'MFA is required');
    return claims['upn'] === readerName ? partnerCenterProblem(403, '900308', 'Insufficient privileges') : undefined;
  }

  /** The header that the documented request header ValidateMfa asks for. */
  function mfaHeaders(exchange: Exchange): Readonly<Record<string, string>> {
    if (exchange.headers['validatemfa'] !== 'true') return {};
    return { ismfacompliant: String(tokens.readClaims(exchange)?.amr.includes('mfa') ?? false) };
  }

  function listRecords(exchange: Exchange): Answer {
    return checkToken(exchange) ?? findPage(exchange, list) ?? { ...jsonAnswer(200, null), body: list.body() };
  }

  let packed: { readonly body: string | Buffer; readonly gzip: Buffer } | undefined;

  /** Compresses when the request accepts gzip, like Partner Center; a fault's own coding stays as it is. */
  function compress(answer: Answer, { headers }: Exchange): Answer {
    const { body = '', headers: own } = answer;
    const asksForGzip = /\bgzip\b/.test(String(headers['accept-encoding']));
    if (!asksForGzip || body.length === 0 || own?.['content-encoding'] !== undefined) return answer;
    // The list is the same buffer all day, and compressing 100 000 records takes a second.
    if (packed?.body !== body) packed = { body, gzip: gzipSync(body) };
    return { ...answer, headers: { ...own, 'content-encoding': 'gzip', vary: 'accept-encoding' }, body: packed.gzip };
  }

  return {
    handle: async (exchange: Exchange): Promise<Answer> => {
      const { method, url, headers } = exchange;
      if (method !== 'GET' || url.pathname !== path) return partnerCenterProblem(404, '1000', 'Not found');
      requestLog.count('usagerecords', 'partner-center', exchange);
      if (state.latencyMs > 0) await pause(state.latencyMs);
      const context = { exchange, proceed: () => listRecords(exchange), list, clock, foreignUrl };
      const played = await play(context);
      const ids = {
        'ms-requestid': headers['ms-requestid'] ?? randomUUID(),
        'ms-correlationid': headers['ms-correlationid'] ?? randomUUID(),
      };
      return compress({ ...played, headers: { ...ids, ...mfaHeaders(exchange), ...played.headers } }, exchange);
    },
    /** A host other than the API's: counts the requests and those that bring a token. */
    handleForeign: (exchange: Exchange): Answer => {
      requestLog.count('foreignHost', 'foreign-host', exchange);
      if (exchange.headers.authorization !== undefined) {
        requestLog.count('foreignHostWithToken', 'foreign-host', exchange);
      }
      return { ...jsonAnswer(200, null), body: formatCollection([]) };
    },
  };
}
