import { isUtf8 } from 'node:buffer';

/**
 * A body as UTF-8 without a byte-order mark; older Partner Center clients met UTF-8 and UTF-16 marks. A mark goes before the
 * `charset` of the content type. `undefined` when the bytes are not what they claim to be, or the charset is unknown.
 */
export function utf8Of(body: Buffer, contentType: string | undefined): Buffer | undefined {
  if (body[0] === 0xef && body[1] === 0xbb && body[2] === 0xbf) return checked(body.subarray(3));
  if (body[0] === 0xff && body[1] === 0xfe) return transcoded(body, 'utf-16le');
  if (body[0] === 0xfe && body[1] === 0xff) return transcoded(body, 'utf-16be');
  const charset = /;\s*charset="?([^";\s]+)/i.exec(contentType ?? '')?.[1]?.toLowerCase() ?? 'utf-8';
  return charset === 'utf-8' || charset === 'utf8' ? checked(body) : transcoded(body, charset);
}

function checked(body: Buffer): Buffer | undefined {
  return isUtf8(body) ? body : undefined;
}

function transcoded(body: Buffer, charset: string): Buffer | undefined {
  try {
    return Buffer.from(new TextDecoder(charset, { fatal: true }).decode(body));
  } catch {
    return undefined;
  }
}
