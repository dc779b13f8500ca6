import { X509Certificate } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { generate } from 'selfsigned';

const lifeMs = 5 * 365 * 24 * 3_600_000;

type KeyPair = { readonly cert: string; readonly key: string };

/** The cloud's authority, its server certificate for localhost, and the certificate an app may sign in to Entra with. */
export type Certificates = {
  readonly ca: KeyPair;
  readonly server: KeyPair;
  readonly client: KeyPair;
  /** Holds `ca.pem`, `server.pem` and `server-key.pem`. */
  readonly folder: string;
};

/** The certificates in `folder`, created when they are missing, unreadable or expired. */
export async function loadCertificates(folder: string): Promise<Certificates> {
  const home = join(folder, 'certificates');
  const stored = await readAll(home).catch(() => undefined);
  if (stored !== undefined) return stored;
  await rm(home, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const draft = await mkdtemp(join(folder, 'certificates-'));
  await writeAll(draft);
  // Two clouds may start at once: the first rename wins, and the other reads what is there.
  await rename(draft, home).catch(() => rm(draft, { recursive: true }));
  return await readAll(home);
}

async function readAll(folder: string): Promise<Certificates> {
  const [ca, server, client] = await Promise.all([
    readPair(folder, 'ca'),
    readPair(folder, 'server'),
    readPair(folder, 'client'),
  ]);
  return { ca, server, client, folder };
}

async function readPair(folder: string, name: string): Promise<KeyPair> {
  const cert = await readFile(join(folder, `${name}.pem`), 'utf8');
  const key = await readFile(join(folder, `${name}-key.pem`), 'utf8');
  if (new X509Certificate(cert).validToDate.getTime() < Date.now()) throw new Error(`${name} has expired`);
  return { cert, key };
}

async function writeAll(folder: string): Promise<void> {
  const common = { algorithm: 'sha256', notAfterDate: new Date(Date.now() + lifeMs) };
  const ca = await generate([{ name: 'commonName', value: 'partner-usage-api local authority' }], {
    ...common,
    keyType: 'ec',
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
    ],
  });
  const localhost = { type: 2, value: 'localhost' } as const;
  const loopback = { type: 7, ip: '127.0.0.1' } as const;
  const server = await generate([{ name: 'commonName', value: 'localhost' }], {
    ...common,
    keyType: 'ec',
    ca: { key: ca.private, cert: ca.cert },
    extensions: [
      { name: 'basicConstraints', cA: false },
      { name: 'keyUsage', digitalSignature: true },
      { name: 'extKeyUsage', serverAuth: true },
      { name: 'subjectAltName', altNames: [localhost, loopback] },
    ],
  });
  // Entra accepts RSA keys only.
  const client = await generate([{ name: 'commonName', value: 'partner-usage-api' }], { ...common, keySize: 2048 });
  for (const [name, pair] of Object.entries({ ca, server, client })) {
    await writeFile(join(folder, `${name}.pem`), pair.cert);
    await writeFile(join(folder, `${name}-key.pem`), pair.private, { mode: 0o600 });
  }
}
