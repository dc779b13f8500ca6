import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  filterEvents,
  readFaultKinds,
  isDocumentedCode,
  refreshTokenName,
  refreshUnder,
  startWalk,
} from './fault-walk.ts';
import type { Walk } from './fault-walk.ts';

type Row = readonly [kinds: string, code: string, tries: number, cure: string, detail: string];

/** What each documented code of Partner Center means to an operator: failure code, calls of one refresh, cure, words. */
const partnerCenterRows: readonly Row[] = [
  ['400-2012 400-2055 400-3000 400-800002 400-900118', 'UpstreamInvalid', 1, 'report', 'refused the request'],
  [
    '400-empty 405-empty 406-empty 409-empty 412-empty 417-empty',
    'UpstreamInvalid',
    1,
    'report',
    'refused the request',
  ],
  ['204-empty', 'UpstreamInvalid', 1, 'report', 'without the list'],
  ['302-empty', 'UpstreamInvalid', 1, 'address', 'redirects'],
  ['401-400', 'UpstreamForbidden', 2, 'configuration', 'PARTNER_CENTER_CLOUD'],
  ['401-800001', 'UpstreamForbidden', 1, 'configuration', 'no partner in the token'],
  ['401-900420', 'UpstreamForbidden', 1, 'address', 'PARTNER_CENTER_API_URL'],
  ['401-10001 401-900421', 'UpstreamAuthRequired', 1, 'sign-in-with-mfa', 'npm run consent'],
  ['403-2030 403-20002', 'UpstreamForbidden', 1, 'partner-account', 'global administrator'],
  ['403-800039 403-900124 403-900149', 'UpstreamForbidden', 1, 'partner-account', 'agreement'],
  ['403-2032 403-900150 403-900308', 'UpstreamForbidden', 1, 'user-role', 'Admin agent'],
  ['403-90000 403-900309', 'UpstreamForbidden', 1, 'access-policy', 'sign-in log'],
  ['403-900329', 'UpstreamForbidden', 1, 'sign-in', 'app-only'],
  ['404-1000 404-20003 404-60003', 'UpstreamUnavailable', 1, 'address', 'PARTNER_CENTER_API_URL'],
  ['408-empty', 'UpstreamUnavailable', 4, 'wait', 'in time'],
  ['500-800003 500-900192 504-empty', 'UpstreamUnavailable', 4, 'wait', 'Partner Center failed'],
  ['501-0', 'UpstreamInvalid', 1, 'report', 'upstreamRequestId'],
  ['501-empty', 'UpstreamInvalid', 1, 'address', 'does not offer'],
];

/** The same for each documented number of Entra's token endpoint. */
const entraRows: readonly Row[] = [
  [
    'AADSTS700082 AADSTS70008 AADSTS70043 AADSTS50173 AADSTS50132 AADSTS50133',
    'UpstreamAuthRequired',
    1,
    'sign-in',
    'npm run consent',
  ],
  [
    'AADSTS50072 AADSTS50074 AADSTS50076 AADSTS50078 AADSTS50079 AADSTS530034',
    'UpstreamAuthRequired',
    1,
    'sign-in-with-mfa',
    'aka.ms/mfasetup',
  ],
  ['AADSTS53000 AADSTS53003 AADSTS530032', 'UpstreamAuthRequired', 1, 'access-policy', 'sign-in log'],
  ['AADSTS65001', 'UpstreamAuthRequired', 1, 'app-consent', 'user_impersonation'],
  ['AADSTS50053', 'UpstreamAuthRequired', 1, 'user-account', 'locked'],
  ['AADSTS50057', 'UpstreamAuthRequired', 1, 'user-account', 'disabled'],
  ['AADSTS500011 AADSTS650057', 'UpstreamForbidden', 1, 'app-consent', 'user_impersonation'],
  ['AADSTS7000215', 'UpstreamForbidden', 1, 'client-credential', 'not its id'],
  ['AADSTS7000218 AADSTS7000222', 'UpstreamForbidden', 1, 'client-credential', 'new client secret'],
  ['AADSTS700027', 'UpstreamForbidden', 1, 'client-credential', 'upload the certificate'],
  ['AADSTS7000112', 'UpstreamForbidden', 1, 'configuration', 'Enterprise applications'],
  [
    'AADSTS700016 AADSTS90002 AADSTS901002 AADSTS9002313',
    'UpstreamForbidden',
    1,
    'configuration',
    'PARTNER_CENTER_TENANT_ID',
  ],
  ['AADSTS90033 AADSTS50000', 'UpstreamUnavailable', 4, 'wait', 'temporary'],
  ['AADSTS90055', 'UpstreamThrottled', 4, 'wait', 'Entra is throttling this app'],
  ['AADSTS50196', 'UpstreamThrottled', 1, 'wait', 'loop'],
];

function eachKind(rows: readonly Row[]) {
  return rows.flatMap(([kinds, code, tries, cure, detail]) =>
    kinds.split(' ').map((kind) => ({ kind, code, tries, cure, detail })),
  );
}

/** The upstream code that a kind carries; a bare status has none. */
function readUpstreamCode(kind: string): string | null {
  const code = kind.replace(/^\d+-/, '');
  return code === 'empty' ? null : code;
}

describe.each([
  { service: 'partner-center', rows: partnerCenterRows },
  { service: 'entra', rows: entraRows },
] as const)('a documented code of $service', ({ service, rows }) => {
  let walk: Walk;

  beforeAll(async () => {
    walk = await startWalk();
  });
  afterAll(() => walk.stage.end());

  it('has a row here for every kind there is', async () => {
    const kinds = (await readFaultKinds(walk.stage, service)).filter(isDocumentedCode);
    expect(
      eachKind(rows)
        .map(({ kind }) => kind)
        .toSorted(),
    ).toEqual(kinds);
  });

  it.each(eachKind(rows))(
    '$kind: $code after $tries calls, cure $cure',
    async ({ kind, code, tries, cure, detail }) => {
      const { stage, app } = walk;
      const { events, calls } = await refreshUnder(walk, service, { kind, hours: 1.1 });
      expect(calls).toBe(tries);
      const upstreamCode = readUpstreamCode(kind);
      const [failed] = filterEvents(events, 'refresh.failed');
      expect(failed).toMatchObject({ code, cure, ...(upstreamCode !== null && { upstreamCode }) });
      const { json } = await app.get('/api/health/ready');
      expect(json).toMatchObject({
        lastFailure: { code, upstreamCode, cure, detail: expect.stringContaining(detail) },
      });
      expect(JSON.stringify([failed, json])).not.toContain('contoso');
      if (code === 'UpstreamAuthRequired') {
        await stage.storeSecret(refreshTokenName, (await stage.secret(refreshTokenName)).value);
      }
    },
  );

  it('is forgotten with the next list', async () => {
    await walk.stage.clearFaults();
    await walk.stage.advanceHours(1);
    await walk.app.tick();
    expect((await walk.app.get('/api/health/ready')).json).toMatchObject({ lastFailure: null });
  });
});
