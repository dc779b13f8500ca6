import type { z } from 'zod';

declare global {
  /** ECMAScript's "JSON.parse source text access", which TypeScript does not declare yet. */
  interface JSON {
    rawJSON(text: string): unknown;
  }
}

/**
 * The value of a JSON text as `schema` reads it; `undefined` when the text is not JSON or does not fit. The error of JSON.parse
 * quotes the text, which may hold a secret, so it goes nowhere.
 */
export function parseJson<Schema extends z.ZodType>(text: string, schema: Schema): z.output<Schema> | undefined {
  try {
    return schema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
