import { randomUUID } from 'node:crypto';
import type { Fault } from './faults.ts';
import { type Answer, jsonAnswer } from './http.ts';

/** The token endpoint's error body; `text` starts with the AADSTS number. */
export function entraProblem(status: number, error: string, text: string): Answer {
  const code = Number.parseInt(text, 10);
  const [traceId, correlationId] = [randomUUID(), randomUUID()];
  const timestamp = new Date().toISOString().replace(/T(.*)\.\d+/, ' $1');
  return jsonAnswer(status, {
    error,
    error_description: `AADSTS${text} Trace ID: ${traceId} Correlation ID: ${correlationId} Timestamp: ${timestamp}`,
    error_codes: [code],
    timestamp,
    trace_id: traceId,
    correlation_id: correlationId,
    error_uri: `https://login.microsoftonline.com/error?code=${code}`,
  });
}

/** Partner Center's error body. */
export function partnerCenterProblem(status: number, code: string, description: string): Answer {
  return jsonAnswer(status, { code, description, data: [], source: 'PartnerFD' });
}

const codes: Readonly<Record<number, string>> = {
  400: '2012 2055 3000 800002 900118',
  401: '400 10001 800001 900420 900421',
  403: '2030 2032 20002 90000 800039 900124 900149 900150 900308 900309 900329',
  404: '1000 20003 60003',
  500: '800003 900192',
  501: '0',
};

/** Every documented code as `STATUS-CODE`, and documented statuses without a body as `STATUS-empty`. */
export const partnerCenterProblems: Readonly<Record<string, Fault>> = {
  ...createTable(codes, (status, code) => [
    `${status}-${code}`,
    () => partnerCenterProblem(Number(status), code, 'Tenant contoso.example: see the documentation.'),
  ]),
  ...createTable({ empty: '204 302 400 405 406 408 409 412 417 501 504' }, (empty, status) => [
    `${status}-${empty}`,
    () => ({ status: Number(status), headers: status === '302' ? { location: '/elsewhere' } : {} }),
  ]),
};

const numbers: Readonly<Record<string, string>> = {
  invalid_grant: '700082 70008 70043 50173 50132 50133 50076 50078 50074 530034 53000 53003 530032 65001 50057 50053',
  interaction_required: '50072 50079',
  invalid_resource: '500011 650057',
  invalid_client: '7000215 7000222 7000218 700027',
  unauthorized_client: '7000112 700016',
  invalid_request: '90002 901002 9002313 90055 50196',
  temporarily_unavailable: '90033 50000',
};

/** Every documented number of the token endpoint, as `AADSTS700082`. */
export const entraProblems: Readonly<Record<string, Fault>> = createTable(numbers, (error, number) => [
  `AADSTS${number}`,
  () => entraProblem(error === 'invalid_client' ? 401 : 400, error, `${number}: see the documentation.`),
]);

/** A fault for each word of each list. */
function createTable(lists: Readonly<Record<string, string>>, create: (name: string, word: string) => [string, Fault]) {
  return Object.fromEntries(
    Object.entries(lists).flatMap(([name, list]) => list.split(' ').map((word) => create(name, word))),
  );
}
