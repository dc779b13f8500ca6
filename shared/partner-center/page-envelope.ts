import { z } from 'zod';
import { parseJson } from '../parse-json.ts';

/** A link of a Partner Center collection; `headers` must go with it. */
const link = z.looseObject({
  uri: z.string().min(1),
  headers: z
    .array(z.looseObject({ key: z.string(), value: z.string() }))
    .nullish()
    .transform((headers) => headers ?? []),
});

export type Link = z.infer<typeof link>;

/** What is read of a page besides its items; `continuationToken` comes without a way to send it back and is left alone. */
export const pageEnvelope = z.looseObject({
  totalCount: z.int().nonnegative().nullish().catch(undefined),
  links: z.looseObject({ next: link.nullish() }).nullish(),
});

export type PageEnvelope = z.infer<typeof pageEnvelope>;

const codeText = z.union([z.int().transform(String), z.string().regex(/^[\w.-]{1,40}$/)]);

/** The error body of a 4xx or 5xx, or the gateway's own shape with `statusCode` and `message`. */
const apiError = z.looseObject({
  code: codeText.optional().catch(undefined),
  description: z.string().catch('').default(''),
});

/**
 * Partner Center's own code of an error body, as text. A description that ends in a code in brackets, as older MFA refusals
 * do, gives that one; `undefined` for HTML, an empty body and the gateway's shape.
 */
export function parseApiErrorCode(body: Buffer): string | undefined {
  const error = parseJson(body.toString().replace(/^\uFEFF/, ''), apiError);
  return error && (/\((\d{3,8})\)\W*$/.exec(error.description)?.[1] ?? error.code);
}

/** An id that upstream chose, when it is short and in a safe alphabet: it goes to logs and to the pointer. */
export function parseUpstreamId(header: string | readonly string[] | undefined): string | undefined {
  return typeof header === 'string' && /^[\w-]{1,64}$/.test(header) ? header : undefined;
}
