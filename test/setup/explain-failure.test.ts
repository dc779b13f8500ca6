import { describe, expect, it } from 'vitest';
import { explainEntraRefusal, explainFailure } from '../../setup/explain-failure.ts';
import { DependencyError } from '../../shared/errors.ts';
import { readEntraRefusal } from '../../shared/partner-center/entra-errors.ts';

describe('explainEntraRefusal', () => {
  it.each([
    [65004, 'the consent was declined', 'accept on the last page'],
    [65001, 'has no consent', 'have an administrator grant it'],
    [500011, 'not among the permissions', 'fa3d9a0c-3fb0-42cc-9193-47c7ecd2edbd'],
    [650057, 'not among the permissions', 'user_impersonation'],
    [50072, 'multi-factor', 'npm run consent'],
    [50074, 'multi-factor', 'npm run consent'],
    [50076, 'multi-factor', 'aka.ms/mfasetup'],
    [50078, 'multi-factor', 'npm run consent'],
    [50079, 'multi-factor', 'npm run consent'],
    [530034, 'multi-factor', 'npm run consent'],
    [53000, 'conditional access', 'sign-in log'],
    [53003, 'conditional access', 'sign-in log'],
    [530032, 'conditional access', 'sign-in log'],
    [50020, 'does not belong to the partner tenant', 'private window'],
    [50105, 'not assigned', 'assign the user'],
    [50057, 'disabled', 'enable it'],
    [50053, 'locked', 'unlock it'],
    [700082, 'expired or was revoked', 'npm run consent'],
    [70043, 'expired or was revoked', 'npm run consent'],
    [50173, 'expired or was revoked', 'npm run consent'],
    [50132, 'expired or was revoked', 'npm run consent'],
    [50133, 'expired or was revoked', 'npm run consent'],
    [7000215, 'secret in the vault is wrong', 'not its id'],
    [7000222, 'has expired', 'create a new client secret'],
    [7000218, 'no credential of the app', 'create a new client secret'],
    [700027, 'certificate', 'upload'],
    [7000112, 'app is disabled', 'Enterprise applications'],
    [700016, 'app is not known', 'PARTNER_CENTER_CLIENT_ID'],
    [700025, 'another kind of app', 'platform "Web"'],
    [50011, 'redirect address is not registered', 'http://localhost:8400/callback'],
    [54005, 'used already', 'the address that this run prints'],
    [90002, 'does not know the tenant', 'PARTNER_CENTER_TENANT_ID'],
    [901002, 'did not understand', 'PARTNER_CENTER_CLOUD'],
    [9002313, 'did not understand', 'PARTNER_CENTER_CLOUD'],
    [90033, 'temporary failure', 'wait'],
    [50000, 'temporary failure', 'wait'],
    [90055, 'Entra is throttling this app', 'wait'],
    [50196, 'in a loop', 'wait'],
  ])('knows AADSTS%i, whatever the error is called', (number, what, cure) => {
    const trouble = explainEntraRefusal('invalid_request', [number], 'refresh-token');

    expect(trouble.what).toContain(what);
    expect(trouble.what).toContain(`(invalid_request, AADSTS${number})`);
    expect(trouble.cure).toContain(cure);
  });

  it.each([
    ['access_denied', 'declined'],
    ['consent_required', 'has no consent'],
    ['interaction_required', 'requires the user to sign in again'],
    ['login_required', 'nobody is signed in'],
    ['invalid_client', 'credential of the app'],
    ['unauthorized_client', 'app is not known'],
    ['invalid_scope', 'not among the permissions'],
    ['temporarily_unavailable', 'temporary failure'],
    ['server_error', 'temporary failure'],
    ['something_new', 'Entra refused (something_new)'],
  ])('knows %s without a number', (error, what) => {
    expect(explainEntraRefusal(error, [], 'authorization-code').what).toContain(what);
  });

  it('tells a late code from a dead refresh token', () => {
    expect(explainEntraRefusal('invalid_grant', [70008], 'authorization-code').what).toContain(
      'code of the sign-in had expired',
    );
    expect(explainEntraRefusal('invalid_grant', [70008], 'refresh-token').what).toContain('refresh token has expired');
    expect(explainEntraRefusal('invalid_grant', [], 'authorization-code').what).toContain('did not accept the code');
    expect(explainEntraRefusal('invalid_grant', [], 'refresh-token').what).toContain('refresh token has expired');
  });
});

describe('explainFailure', () => {
  it('says that Entra failed when a gateway answers in its place', () => {
    const page = { status: 502, statusText: '', headers: {}, body: Buffer.from('<html>') };

    expect(explainFailure(readEntraRefusal(page, 0).failure)).toEqual({
      what: 'UpstreamUnavailable: Entra failed (502)',
      cure: 'wait some minutes; the service tries again by itself',
    });
  });

  it.each([
    [{ errorCode: 'NotPem', secretName: 'cert' }, 'cert is not a PEM private key', 'application/x-pem-file'],
    [
      { status: 401, errorCode: 'Unauthorized' },
      'the vault did not accept the sign-in (401, Unauthorized)',
      'az login',
    ],
    [{ errorCode: 'CredentialUnavailableError' }, 'the vault did not accept the sign-in', 'az login'],
    [{ errorCode: 'ENOTFOUND' }, 'the vault did not answer (ENOTFOUND)', 'check the address'],
  ])('tells why the vault gave nothing: %o', (details, what, cure) => {
    const trouble = explainFailure(
      new DependencyError('SecretsUnavailable', 'a secret could not be read', { details }),
    );

    expect(trouble.what).toContain(what);
    expect(trouble.cure).toContain(cure);
  });

  it('never repeats the message of an unexpected error', () => {
    expect(explainFailure(new TypeError('Bearer abc')).what).toBe('an unexpected error (TypeError)');
    expect(explainFailure('Bearer abc').what).toBe('an unexpected error (string)');
  });
});
