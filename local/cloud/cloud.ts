import { randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { azuriteAccount, connectionStringOf } from './azurite.ts';
import type { Certificates } from './certificates.ts';
import { loadCertificates } from './certificates.ts';
import { createCloudClock } from './clock.ts';
import { createControl } from './control.ts';
import type { Doors } from './doors.ts';
import { openDoors, startAzurites } from './doors.ts';
import { createEntra, entraFaults, refreshTokenLifeMs } from './entra.ts';
import { createFaults } from './faults.ts';
import { createKeyVault, keyVaultFaults } from './key-vault.ts';
import { createLedger } from './ledger.ts';
import { createManagedIdentity, storageTokenOf } from './managed-identity.ts';
import { partnerCenterFaults } from './partner-center-faults.ts';
import { createPartnerCenter } from './partner-center.ts';
import { storageFaults } from './storage-faults.ts';
import { createStorage } from './storage.ts';
import { createTokens } from './tokens.ts';
import { createUsageList } from './usage-list.ts';
import type { World } from './world.ts';

/** First port of the block that `npm start` and `npm run cloud` use. */
export const defaultCloudPort = 7080;

const tenantId = '3c5e1a52-8f0d-4d0b-9a5e-5b1f6f0c7d11';
const clientId = '8d1f6a8e-2f5c-4f0e-9f65-1f2f0b7f3a22';
const identityClientId = 'b7c1c3f4-6a0d-4c57-8a3e-0d9a3d5e4b33';
const container = 'usage';

export type CloudOptions = {
  /** First of a block of consecutive ports; absent: any free ports. */
  readonly port?: number;
  /** Usage records to list, the documented four among them. */
  readonly customers?: number;
  /** How long Partner Center takes to answer. */
  readonly latencyMs?: number;
  /** Where the certificates are kept; git-ignored. */
  readonly folder: string;
  /** Takes a line a step. */
  readonly say?: (line: string) => void;
};

export type Cloud = {
  /** Every app setting a Functions host needs. */
  readonly settings: Readonly<Record<string, string>>;
  readonly controlUrl: string;
  stop(): Promise<void>;
};

/** Starts everything the app meets in Azure, on 127.0.0.1. A busy port is an Error of one clear line; nothing is left running then. */
export async function startCloud(options: CloudOptions): Promise<Cloud> {
  const running: { stop(): Promise<void> }[] = [];
  async function stop(): Promise<void> {
    await Promise.all(running.map((part) => part.stop()));
  }
  try {
    const settings = await start(options, (part) => running.push(part));
    return { settings, controlUrl: settings.LOCAL_CLOUD_CONTROL_URL, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function start(options: CloudOptions, opened: (part: { stop(): Promise<void> }) => void) {
  const { port, customers = 250, latencyMs = 0, say = () => undefined } = options;
  const folder = resolve(options.folder);
  await mkdir(folder, { recursive: true });
  const certificates = await loadCertificates(folder);
  say(`certificates in ${certificates.folder}`);
  const doors = await openDoors({ certificates, folder, port, opened });
  const azurites = await startAzurites({ certificates, folder, port, opened });
  const world = createWorld(customers);

  const storage = createStorage(world, azurites.blobs.url, certificates.ca.cert);
  await storage.createContainer(container, storageTokenOf(world.tokens, tenantId));
  doors.storage.serve(storage.handle);
  say(`blob storage ${doors.storage.url}`);

  const identityHeader = randomUUID();
  doors.identity.serve(createManagedIdentity(world, { tenantId, clientId: identityClientId, identityHeader }));
  serveCredentials(doors, world, certificates.client);
  say(`Entra ${doors.entra.url}, Key Vault ${doors.keyVault.url}`);

  servePartnerCenter(doors, world, latencyMs);
  say(`Partner Center ${doors.partnerCenter.url} with ${customers} records`);
  return {
    ...settingsOf(doors),
    IDENTITY_HEADER: identityHeader,
    AzureWebJobsStorage: connectionStringOf(azurites.jobs),
    NODE_EXTRA_CA_CERTS: join(certificates.folder, 'ca.pem'),
  };
}

function createWorld(customers: number): World {
  const clock = createCloudClock();
  const faults = createFaults({
    'partner-center': Object.keys(partnerCenterFaults),
    entra: Object.keys(entraFaults),
    'key-vault': Object.keys(keyVaultFaults),
    storage: Object.keys(storageFaults),
  });
  const list = createUsageList(clock, customers);
  return { clock, faults, list, tokens: createTokens(clock), ledger: createLedger() };
}

/** Entra and the vault: what the vault holds is what Entra accepts. */
function serveCredentials(doors: Doors, world: World, client: Certificates['client']): void {
  const { url } = doors.entra;
  const clientSecret = randomUUID();
  const clientCertificate = client.cert;
  const apiUrl = doors.partnerCenter.url;
  const entra = createEntra(world, { url, tenantId, clientId, clientSecret, clientCertificate, apiUrl });
  doors.entra.serve(entra.handle);

  const exp = Math.floor((world.clock.now() + refreshTokenLifeMs) / 1000);
  const pem = `${client.key}${client.cert}`;
  const seeds = {
    'partner-center-refresh-token': {
      value: entra.issueRefreshToken(),
      contentType: 'text/plain',
      attributes: { exp },
    },
    'partner-center-client-secret': { value: clientSecret, contentType: 'text/plain' },
    'partner-center-client-certificate': { value: pem, contentType: 'application/x-pem-file' },
  };
  const vault = createKeyVault(world, { url: doors.keyVault.url, authority: `${url}/${tenantId}`, seeds });
  doors.keyVault.serve(vault);
}

function servePartnerCenter(doors: Doors, world: World, latencyMs: number): void {
  const apiUrl = doors.partnerCenter.url;
  // Another host by name, not only by port.
  const foreignUrl = doors.foreign.url.replace('localhost', '127.0.0.1');
  const partnerCenter = createPartnerCenter(world, { apiUrl, foreignUrl, latencyMs });
  const control = createControl(world, partnerCenter);
  doors.partnerCenter.serve((exchange) =>
    exchange.url.pathname.startsWith('/_control') ? control(exchange) : partnerCenter.handle(exchange),
  );
  doors.foreign.serve(partnerCenter.handleForeign);
}

function settingsOf({ partnerCenter, entra, keyVault, identity, storage }: Doors) {
  return {
    FUNCTIONS_WORKER_RUNTIME: 'node',
    AzureWebJobsDisableHomepage: 'true',
    IDENTITY_ENDPOINT: `${identity.url}/msi/token`,
    AZURE_CLIENT_ID: identityClientId,
    KEY_VAULT_URL: keyVault.url,
    USAGE_STORAGE_URL: `${storage.url}/${azuriteAccount}`,
    USAGE_CONTAINER: container,
    PARTNER_CENTER_TENANT_ID: tenantId,
    PARTNER_CENTER_CLIENT_ID: clientId,
    PARTNER_CENTER_AUTHORITY_URL: entra.url,
    PARTNER_CENTER_API_URL: partnerCenter.url,
    LOCAL_CLOUD_CONTROL_URL: `${partnerCenter.url}/_control`,
  };
}
