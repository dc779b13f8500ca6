/** 32-bit FNV-1a of a text in UTF-8. Cursors and stored months depend on it. */
export function computeFnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(text)) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}
