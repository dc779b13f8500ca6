import * as z from 'zod';
import { computeChecksum } from '../query/checksum.ts';

const bytesOf = { sequence: 6, checksum: 3 } as const;
const expected = 'expected an unchanged value from a Location header';

/** `since`: up to which sequence number a poller has seen the events, as 12 characters of base64url. */
export function eventPosition() {
  return z.codec(z.string().regex(/^[\w-]{12}$/, expected), z.int().nonnegative(), {
    decode: (text, context) => {
      const bytes = Buffer.from(text, 'base64url');
      const sequence = bytes.readUIntBE(0, bytesOf.sequence);
      if (bytes.readUIntBE(bytesOf.sequence, bytesOf.checksum) === shortChecksumOf(sequence)) return sequence;
      context.issues.push({ code: 'custom', message: expected, input: text });
      return z.NEVER;
    },
    encode: (sequence) => {
      const bytes = Buffer.alloc(bytesOf.sequence + bytesOf.checksum);
      bytes.writeUIntBE(sequence, 0, bytesOf.sequence);
      bytes.writeUIntBE(shortChecksumOf(sequence), bytesOf.sequence, bytesOf.checksum);
      return bytes.toString('base64url');
    },
  });
}

function shortChecksumOf(sequence: number): number {
  return computeChecksum(`budget-events:${sequence}`) >>> 8;
}
