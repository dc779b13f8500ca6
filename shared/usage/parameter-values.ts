import type { z } from 'zod';
import type { ParameterProblem } from '../errors.ts';
import type { ParameterTexts } from './parameter-texts.ts';
import { parameterNotes } from './query.ts';

/**
 * What the texts say by a table of parameters. Faulty ones are left out of `values`, so that what the others say together is judged
 * in the same answer; problems come in the table's order.
 */
export function readValues<Table extends z.ZodObject>(
  table: Table,
  texts: ParameterTexts,
): { values: z.output<Table>; faults: ParameterProblem[] } {
  const parsed = table.safeParse(Object.fromEntries(texts));
  if (parsed.success) return { values: parsed.data, faults: [] };
  const messages = new Map<string, string>();
  for (const { path, message } of parsed.error.issues) messages.set(String(path[0]), message);
  const sound = [...texts].filter(([name]) => !messages.has(name));
  return {
    values: table.parse(Object.fromEntries(sound)),
    faults: Object.entries(table.shape).flatMap(([name, schema]) => {
      const message = messages.get(name);
      return message === undefined ? [] : [faultOf(name, schema, message, texts.get(name) ?? '')];
    }),
  };
}

function faultOf(parameter: string, schema: z.core.$ZodType, message: string, text: string): ParameterProblem {
  const { code = 'InvalidParameter', allowed } = parameterNotes.get(schema) ?? {};
  const hint = lostPlus.test(text) ? '; a + in a query means a blank, write it as %2B' : '';
  return { parameter, code, detail: message + hint, ...(allowed && { allowed }) };
}

/** A date-time whose offset came with a bare plus. */
const lostPlus = /^\d{4}-\d\d-\d\dT[\d:.]+ \d\d:?\d\d$/;
