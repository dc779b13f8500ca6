/**
 * 32-bit FNV-1a of a text, for what is handed out and comes back. It guards against mistakes: who forges one gets what they could
 * have asked for anyway, so a keyed hash would protect nothing.
 */
export function computeChecksum(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(text)) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}
