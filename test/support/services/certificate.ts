import { generate } from 'selfsigned';

export type TestCertificate = { readonly key: string; readonly cert: string };

/** A self-signed RSA certificate for `localhost`: a server's, or an app registration's. */
export async function createTestCertificate(): Promise<TestCertificate> {
  const { private: key, cert } = await generate([{ name: 'commonName', value: 'localhost' }], {
    keySize: 2048,
    algorithm: 'sha256',
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 2, value: 'localhost' }] }],
  });
  return { key, cert };
}
