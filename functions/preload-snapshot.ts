import { randomUUID } from 'node:crypto';
import type { YieldToEventLoop } from '../shared/clock.ts';
import type { SnapshotLoader } from '../shared/stored-data/load-blobs.ts';
import type { SnapshotStore } from '../shared/ports.ts';

type PreloadDeps = {
  readonly store: Pick<SnapshotStore, 'readPointer'>;
  readonly loadSnapshot: Pick<SnapshotLoader, 'open'>;
  readonly yieldToEventLoop: YieldToEventLoop;
};

/**
 * Loads the SDK and the last good snapshot before anyone asks, so the first request finds both loaded or under way. Never fails:
 * a request reads the pointer itself, and meets and logs every failure itself.
 */
export function createPreloadSnapshot({ store, loadSnapshot, yieldToEventLoop }: PreloadDeps): () => Promise<void> {
  return async function preloadSnapshot() {
    // The worker first tells the host which functions there are.
    await yieldToEventLoop();
    const context = { log: () => undefined, signal: new AbortController().signal, correlationId: randomUUID() };
    try {
      const stored = await store.readPointer(context);
      if (typeof stored === 'object' && stored.pointer.snapshot !== null) {
        await loadSnapshot.open(stored.pointer.snapshot, context);
      }
    } catch {
      return;
    }
  };
}
