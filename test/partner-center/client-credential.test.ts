import { X509Certificate, createPublicKey, generateKeyPairSync, verify } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createTestCertificate } from '../support/services/certificate.ts';
import { clientId, parseForm, startEntra, tenantId, tokenAnswer } from '../support/services/entra.ts';

const credential = { kind: 'certificate', secretName: 'certificate' } as const;
const entra = await startEntra();
const [own, other] = await Promise.all([createTestCertificate(), createTestCertificate()]);

function decoded(part: string | undefined): unknown {
  return JSON.parse(Buffer.from(part ?? '', 'base64url').toString());
}

describe('a certificate as client credential', () => {
  it.each(['key first', 'issuer first'])('signs an assertion for the token endpoint (%s)', async (order) => {
    const { tokens, call, secrets } = entra.createTokens({ credential });
    const pem = order === 'key first' ? [own.key, own.cert, other.cert] : [other.cert, own.cert, own.key];
    secrets.put('certificate', pem.join('\n'));
    entra.server.script(tokenAnswer());
    await tokens.get(call);
    const form = parseForm(entra.server.requests.at(-1));
    expect(form).not.toHaveProperty('client_secret');
    expect(form).toMatchObject({
      client_id: clientId,
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    });
    const [header, payload, signature] = form['client_assertion']?.split('.') ?? [];
    const sha1 = new X509Certificate(own.cert).fingerprint.replaceAll(':', '');
    expect(decoded(header)).toEqual({ alg: 'RS256', x5t: Buffer.from(sha1, 'hex').toString('base64url') });
    expect(decoded(payload)).toMatchObject({
      iss: clientId,
      sub: clientId,
      aud: `${entra.server.url}/${tenantId}/oauth2/v2.0/token`,
    });
    const signed = Buffer.from(`${header}.${payload}`);
    expect(verify('sha256', signed, createPublicKey(own.cert), Buffer.from(signature ?? '', 'base64url'))).toBe(true);
  });

  it.each([
    ['no PEM', () => 'MIIKcAIBAzCCCiwGCSqGSIb3'],
    ['a key without a certificate', () => own.key],
    ["another key's certificate", () => `${own.key}\n${other.cert}`],
    ['a broken certificate', () => `${own.key}\n-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----`],
    [
      'a key that is not RSA',
      () => {
        const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
        return `${privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()}\n${own.cert}`;
      },
    ],
  ])('is SecretsUnavailable when the secret holds %s', async (_what, secret) => {
    const { tokens, call, secrets } = entra.createTokens({ credential });
    secrets.put('certificate', secret());
    const asked = entra.server.requests.length;
    await expect(tokens.get(call)).rejects.toMatchObject({
      code: 'SecretsUnavailable',
      details: { secretName: 'certificate', errorCode: 'NotPem' },
    });
    expect(entra.server.requests).toHaveLength(asked);
  });
});

describe('a client secret', () => {
  it('is sent without the line feed that a file left behind it', async () => {
    const { tokens, call, secrets } = entra.createTokens();
    secrets.put('client', 'from-a-file\r\n');
    entra.server.script(tokenAnswer());
    await tokens.get(call);
    expect(parseForm(entra.server.requests.at(-1))['client_secret']).toBe('from-a-file');
  });
});
