import { hash } from 'node:crypto';

/** SHA-256 of a snapshot's uncompressed lines, in hex: equal lists have equal hashes. */
export function hashContent(lines: Buffer): string {
  return hash('sha256', lines, 'hex');
}
