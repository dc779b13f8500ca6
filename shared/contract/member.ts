import type { z } from 'zod';

/** A schema with the title that flows show and the sentence that says what it holds. */
export function member<Schema extends z.ZodType>(schema: Schema, title: string, description: string): Schema {
  return schema.meta({ title, description });
}
