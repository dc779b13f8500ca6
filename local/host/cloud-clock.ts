import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';

export type CloudClockOptions = {
  /** The control endpoint of the local cloud. */
  readonly controlUrl: string;
  /** Receives each new offset in milliseconds, before the cloud is asked again. */
  readonly onOffset: (offsetMs: number) => void;
  readonly signal: AbortSignal;
};

const answerSchema = z.object({ offsetMs: z.number() });
const pollMs = 30_000;
const retryMs = 500;
const firstMs = 10_000;

/** The cloud's offset from the real time; answered when it differs from `known`, and at once without it. */
export async function fetchOffset(controlUrl: string, known = -1, signal?: AbortSignal): Promise<number> {
  const response = await fetch(`${controlUrl}/clock?known=${known}`, signal && { signal });
  return answerSchema.parse(await response.json()).offsetMs;
}

/**
 * Follows the cloud's clock until the signal aborts, and keeps asking while the cloud is away. Resolves to true with the first
 * offset, or to false when there is none within 10 s. Never rejects.
 */
export async function followCloudClock({ controlUrl, onOffset, signal }: CloudClockOptions): Promise<boolean> {
  const first = Promise.withResolvers<true>();
  void follow();
  return await Promise.race([first.promise, wait(firstMs, false, { ref: false })]);

  async function follow(): Promise<void> {
    let known: number | undefined;
    while (!signal.aborted) {
      try {
        const offsetMs = await fetchOffset(controlUrl, known, AbortSignal.any([signal, AbortSignal.timeout(pollMs)]));
        if (offsetMs !== known) onOffset(offsetMs);
        known = offsetMs;
        first.resolve(true);
      } catch {
        await wait(retryMs, undefined, { signal }).catch(() => undefined);
      }
    }
  }
}
