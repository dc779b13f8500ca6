declare global {
  /** ECMAScript's "JSON.parse source text access", which TypeScript does not declare yet. */
  interface JSON {
    rawJSON(text: string): unknown;
  }
}

/** The value of a JSON text. Numbers become opaque objects that JSON.stringify writes with the same digits. */
export function parseExactJson(text: string): unknown {
  return JSON.parse(text, (_, value: unknown, context?: { readonly source?: string }) =>
    typeof value === 'number' ? JSON.rawJSON(context?.source ?? String(value)) : value,
  );
}
