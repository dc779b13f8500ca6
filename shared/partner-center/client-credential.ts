import { X509Certificate, createPrivateKey, hash } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { ClientSecretPost, PrivateKeyJwt, modifyAssertion } from 'oauth4webapi';
import type { ClientAuth } from 'oauth4webapi';
import type { Settings } from '../settings.ts';
import { DependencyError } from '../errors.ts';
import type { Secret } from '../secrets/key-vault.ts';

/** How the app registration proves itself, and the vault's secret that holds the proof. */
export type ClientCredentialSource = {
  readonly kind: 'client-secret' | 'certificate';
  readonly secretName: string;
};

type CredentialSettings = Pick<
  Settings,
  'PARTNER_CENTER_CLIENT_SECRET_NAME' | 'PARTNER_CENTER_CLIENT_CERTIFICATE_NAME'
>;

/** The certificate when the settings name one, else the client secret. */
export function chooseCredentialSource(settings: CredentialSettings): ClientCredentialSource {
  const certificate = settings.PARTNER_CENTER_CLIENT_CERTIFICATE_NAME;
  return certificate === undefined
    ? { kind: 'client-secret', secretName: settings.PARTNER_CENTER_CLIENT_SECRET_NAME }
    : { kind: 'certificate', secretName: certificate };
}

/**
 * The client authentication of a token request. A certificate secret holds a PEM private key and its certificate, as Key
 * Vault gives it with the content type `application/x-pem-file`. Throws DependencyError `SecretsUnavailable` when it does not.
 */
export function createClientAuth(
  { kind, secretName }: ClientCredentialSource,
  secret: Secret,
  audience: string,
): ClientAuth {
  // A line feed at the end is what storing a secret from a file leaves behind.
  if (kind === 'client-secret') return ClientSecretPost(secret.value.trim());
  const { key, certificate } = parseCertificate(secret.value, secretName);
  const signingKey = key.toCryptoKey({ name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }, false, ['sign']);
  return PrivateKeyJwt(signingKey, {
    [modifyAssertion]: (header, payload) => {
      // Entra finds the certificate by this thumbprint and wants its own token endpoint as audience.
      header['x5t'] = hash('sha1', certificate.raw, 'base64url');
      payload['aud'] = audience;
    },
  });
}

type KeyPair = { readonly key: KeyObject; readonly certificate: X509Certificate };

function parseCertificate(pem: string, secretName: string): KeyPair {
  try {
    const key = createPrivateKey(pem);
    const certificates = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
    const certificate = certificates.map((text) => new X509Certificate(text)).find((one) => one.checkPrivateKey(key));
    if (certificate !== undefined && key.asymmetricKeyType === 'rsa') return { key, certificate };
  } catch {
    // OpenSSL's message may quote the input; the error below says all that is needed.
  }
  throw new DependencyError('SecretsUnavailable', 'the secret is not a PEM RSA private key with its certificate', {
    details: { secretName, errorCode: 'NotPem' },
  });
}
