import { randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { type Azurite, azuriteAccount, buildConnectionString, startAzurite } from './storage/azurite.ts';
import { type Certificates, loadCertificates } from './certificates.ts';
import { createControl } from './control/control.ts';
import { createEntra, refreshTokenLifeMs } from './entra/entra.ts';
import type { Service } from './faults.ts';
import { type Handler, listen, type Listener } from './http.ts';
import { createKeyVault } from './key-vault.ts';
import { createManagedIdentity, issueStorageToken } from './entra/managed-identity.ts';
import { createPartnerCenter } from './partner-center/partner-center.ts';
import { type CloudState, createCloudState, type StateOptions } from './control/state.ts';
import { createStorage } from './storage/storage.ts';

/** The first port of the block that `npm start` and `npm run cloud` use. */
export const defaultCloudPort = 7080;

const tenantId = '3c5e1a52-8f0d-4d0b-9a5e-5b1f6f0c7d11';
const clientId = '8d1f6a8e-2f5c-4f0e-9f65-1f2f0b7f3a22';
const identityClientId = 'b7c1c3f4-6a0d-4c57-8a3e-0d9a3d5e4b33';
const container = 'usage';

export type CloudOptions = StateOptions & {
  /** The first of a block of consecutive ports; absent or 0: any free ports. */
  readonly port?: number;
  /** Where the certificates are kept; git-ignored. */
  readonly folder: string;
  /** A blob service without containers that runs already, and goes on after this cloud; absent: one of its own. */
  readonly azurite?: Azurite;
  /** Receives one line for each step of the start. */
  readonly say?: (line: string) => void;
  /** Replaces the handler of a service by one around it, which may watch its requests, delay them or cut them off. */
  readonly wrap?: WrapService;
};

export type WrapService = (service: Service | 'managed-identity', handler: Handler) => Handler;

export type Cloud = Awaited<ReturnType<typeof startCloud>>;

type Stoppable = { stop(): Promise<void> };

/** Starts everything the app talks to in Azure, on 127.0.0.1. Throws CommandError when a port is taken, and leaves nothing running then. */
export async function startCloud(options: CloudOptions) {
  const running: Stoppable[] = [];
  const stop = async () => void (await Promise.all(running.map((part) => part.stop())));
  try {
    const state = createCloudState(options);
    return { ...(await startServices(options, state, running)), clock: state.clock, list: state.list, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function startServices(options: CloudOptions, state: CloudState, running: Stoppable[]) {
  const { port = 0, say = () => undefined, wrap = (_, handler) => handler } = options;
  const folder = resolve(options.folder);
  await mkdir(folder, { recursive: true });
  const certificates = await loadCertificates(folder);
  say(`certificates in ${certificates.folder}`);
  const listeners = await openListeners(certificates, port, running);
  const azurite = options.azurite ?? (await startAzurite(certificates.folder));
  if (options.azurite === undefined) running.push(azurite);

  const storage = createStorage(state, azurite.url, certificates.ca.cert);
  await storage.createContainer(container, issueStorageToken(state.tokens, tenantId));
  listeners.storage.serve(wrap('storage', storage.handle));
  listeners.jobs.serve(storage.handleJobs);
  say(`blob storage ${listeners.storage.url}`);

  const identityHeader = randomUUID();
  const identity = createManagedIdentity(state, { tenantId, clientId: identityClientId, identityHeader });
  listeners.identity.serve(wrap('managed-identity', identity));
  serveCredentials(listeners, state, certificates, wrap);
  say(`Entra ${listeners.entra.url}, Key Vault ${listeners.keyVault.url}`);

  servePartnerCenter(listeners, state, wrap);
  say(`Partner Center ${listeners.partnerCenter.url} with ${state.list.customers()} records`);
  const controlUrl = `${listeners.partnerCenter.url}/_control`;
  /** Every app setting a Functions host needs. */
  const settings: Readonly<Record<string, string>> = {
    ...listSettings(listeners),
    LOCAL_CLOUD_CONTROL_URL: controlUrl,
    IDENTITY_HEADER: identityHeader,
    AzureWebJobsStorage: buildConnectionString(listeners.jobs.url),
    NODE_EXTRA_CA_CERTS: join(certificates.folder, 'ca.pem'),
  };
  return { settings, controlUrl };
}

type Listeners = Awaited<ReturnType<typeof openListeners>>;

/** Opens every listener before any service starts, because the services name each other's addresses. */
async function openListeners({ server }: Certificates, firstPort: number, running: Stoppable[]) {
  async function open(offset: number, tls?: Certificates['server']): Promise<Listener> {
    const listener = await listen(firstPort === 0 ? 0 : firstPort + offset, tls);
    running.push(listener);
    return listener;
  }
  return {
    partnerCenter: await open(0, server),
    entra: await open(1, server),
    keyVault: await open(2, server),
    identity: await open(3, server),
    storage: await open(4, server),
    // Without TLS, for a Functions host that does not know our authority.
    jobs: await open(5),
    foreign: await open(6, server),
  };
}

/** Starts Entra and the vault together: the vault holds the credentials that Entra accepts. */
function serveCredentials(listeners: Listeners, state: CloudState, { client }: Certificates, wrap: WrapService): void {
  const { url } = listeners.entra;
  const clientSecret = randomUUID();
  const apiUrl = listeners.partnerCenter.url;
  const entra = createEntra(state, { url, tenantId, clientId, clientSecret, clientCertificate: client.cert, apiUrl });
  listeners.entra.serve(wrap('entra', entra.handle));

  const exp = Math.floor((state.clock.now() + refreshTokenLifeMs) / 1000);
  const contentType = 'text/plain';
  const seeds = {
    'partner-center-refresh-token': { value: entra.issueRefreshToken(), contentType, attributes: { exp } },
    'partner-center-client-secret': { value: clientSecret, contentType },
    'partner-center-client-certificate': {
      value: `${client.key}${client.cert}`,
      contentType: 'application/x-pem-file',
    },
  };
  const vault = createKeyVault(state, { url: listeners.keyVault.url, authority: `${url}/${tenantId}`, seeds });
  listeners.keyVault.serve(wrap('key-vault', vault));
}

function servePartnerCenter(listeners: Listeners, state: CloudState, wrap: WrapService): void {
  const apiUrl = listeners.partnerCenter.url;
  // Another host by name, not only by port.
  const foreignUrl = listeners.foreign.url.replace('localhost', '127.0.0.1');
  const partnerCenter = createPartnerCenter(state, { apiUrl, foreignUrl });
  const control = createControl(state);
  const handle = wrap('partner-center', partnerCenter.handle);
  listeners.partnerCenter.serve((exchange) =>
    exchange.url.pathname.startsWith('/_control') ? control(exchange) : handle(exchange),
  );
  listeners.foreign.serve(partnerCenter.handleForeign);
}

function listSettings({ partnerCenter, entra, keyVault, identity, storage }: Listeners) {
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
  };
}
