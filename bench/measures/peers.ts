import type { MeasuredProcess } from '../measured-process.ts';
import type { TestBed } from '../test-bed.ts';

const files = {
  naive: 'naive.ts',
  cachified: 'cachified.mjs',
  cacheable: 'cacheable.mjs',
  'undici-cache': 'undici-cache.ts',
} as const;

export type PeerName = keyof typeof files;
export const peerNames: readonly PeerName[] = ['naive', 'cachified', 'cacheable', 'undici-cache'];

/** Starts every service that answers the filtered page in another way, each in a process of its own. */
export async function startPeers(bed: TestBed): Promise<Readonly<Record<PeerName, MeasuredProcess>>> {
  const [naive, cachified, cacheable, undiciCache] = await Promise.all([
    bed.startBaseline(files.naive),
    bed.startBaseline(files.cachified),
    bed.startBaseline(files.cacheable),
    bed.startBaseline(files['undici-cache']),
  ]);
  return { naive, cachified, cacheable, 'undici-cache': undiciCache };
}
