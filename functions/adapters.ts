import type { TokenCredential } from '@azure/identity';
import { systemClock, systemRandom, systemSleep, systemYieldToEventLoop } from '../shared/clock.ts';
import type { Clock, Random, Sleep, YieldToEventLoop } from '../shared/clock.ts';
import type { Settings } from '../shared/settings.ts';
import { loadOnce } from '../shared/once.ts';
import type { MonthStore, RefreshLease, RefreshTokenStatus, SnapshotStore, UsageSource } from '../shared/ports.ts';
import { createBlobMonthStore } from '../shared/storage/month-store.ts';
import { createRefreshLease } from '../shared/storage/refresh-lease.ts';
import { createBlobSnapshotStore } from '../shared/storage/snapshot-store.ts';
import { createUsageContainer } from '../shared/storage/usage-container.ts';
import type { Upstream } from './upstream.ts';

/** Everything outside the process: storage, Partner Center and its tokens, time and chance. */
export type Adapters = {
  readonly store: SnapshotStore;
  readonly months: MonthStore;
  readonly lease: RefreshLease;
  readonly source: UsageSource;
  readonly tokens: RefreshTokenStatus;
  readonly clock: Clock;
  readonly random: Random;
  readonly sleep: Sleep;
  readonly yieldToEventLoop: YieldToEventLoop;
};

/** The real ones. SDKs are loaded when first needed, and a read needs storage's and the identity's alone. */
export function createAzureAdapters(settings: Settings): Adapters {
  const credential = loadOnce(() => openCredential(settings));
  const upstream = loadOnce(() => loadUpstream(settings, credential()));
  const container = createUsageContainer({
    storageUrl: settings.USAGE_STORAGE_URL,
    containerName: settings.USAGE_CONTAINER,
    credential,
  });
  return {
    store: createBlobSnapshotStore({ container }),
    months: createBlobMonthStore({ container }),
    lease: createRefreshLease({ container, clock: systemClock, sleep: systemSleep }),
    source: { download: async (context, expected) => (await upstream()).source.download(context, expected) },
    tokens: {
      current: async (context) => (await upstream()).tokens.current(context),
      reread: async (context) => (await upstream()).tokens.reread(context),
    },
    clock: systemClock,
    random: systemRandom,
    sleep: systemSleep,
    yieldToEventLoop: systemYieldToEventLoop,
  };
}

async function loadUpstream(settings: Settings, credential: Promise<TokenCredential>): Promise<Upstream> {
  const [{ openUpstream }, opened] = await Promise.all([import('./upstream.ts'), credential]);
  return openUpstream(settings, opened);
}

/** In Azure exactly one kind of credential, never a chain: a chain costs seconds and hides what is wrong. */
async function openCredential(settings: Settings): Promise<TokenCredential> {
  const identity = await import('@azure/identity');
  if (settings.USAGE_CREDENTIAL === 'developer') return new identity.AzureCliCredential();
  const clientId = settings.AZURE_CLIENT_ID;
  return new identity.ManagedIdentityCredential(clientId === undefined ? {} : { clientId });
}
