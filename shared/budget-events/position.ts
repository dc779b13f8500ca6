import * as z from 'zod';
import { computeChecksum } from '../query/checksum.ts';

const fieldBytes = { sequence: 6, checksum: 3 } as const;
const expected = 'expected an unchanged value from a Location header';

/** `since`: the last sequence number that a poller has seen, as 12 characters of base64url. */
export function createPositionCodec() {
  return z.codec(z.string().regex(/^[\w-]{12}$/, expected), z.int().nonnegative(), {
    decode: (text, context) => {
      const bytes = Buffer.from(text, 'base64url');
      const sequence = bytes.readUIntBE(0, fieldBytes.sequence);
      if (bytes.readUIntBE(fieldBytes.sequence, fieldBytes.checksum) === computeShortChecksum(sequence))
        return sequence;
      context.issues.push({ code: 'custom', message: expected, input: text });
      return z.NEVER;
    },
    encode: (sequence) => {
      const bytes = Buffer.alloc(fieldBytes.sequence + fieldBytes.checksum);
      bytes.writeUIntBE(sequence, 0, fieldBytes.sequence);
      bytes.writeUIntBE(computeShortChecksum(sequence), fieldBytes.sequence, fieldBytes.checksum);
      return bytes.toString('base64url');
    },
  });
}

function computeShortChecksum(sequence: number): number {
  return computeChecksum(`budget-events:${sequence}`) >>> 8;
}
