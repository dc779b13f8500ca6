import type { z } from 'zod';
import type { ParameterProblem } from '../errors.ts';
import type { ParameterTexts } from './parameter-texts.ts';
import { parameterNotes } from './parameters.ts';

/** What the texts say by a table of parameters, without faulty values, so that what the others say together is judged in the same answer. */
export function readValues<Table extends z.ZodObject>(
  table: Table,
  texts: ParameterTexts<string>,
): { values: z.output<Table>; faults: ParameterProblem[] } {
  const parsed = table.safeParse(Object.fromEntries(texts));
  if (parsed.success) return { values: parsed.data, faults: [] };
  const messages = new Map<string, string>();
  for (const { path, message } of parsed.error.issues) messages.set(String(path[0]), message);
  const sound = [...texts].filter(([name]) => !messages.has(name));
  return {
    values: table.parse(Object.fromEntries(sound)),
    faults: [...texts].flatMap(([name, text]) => {
      const message = messages.get(name);
      return message === undefined ? [] : [faultOf(name, table.shape[name], message, text)];
    }),
  };
}

type Schema = z.core.$ZodType | undefined;

function faultOf(parameter: string, schema: Schema, message: string, text: string): ParameterProblem {
  const { code = 'InvalidParameter', allowed } = (schema && parameterNotes.get(schema)) ?? {};
  const hint = lostPlus.test(text) ? '; a + in a query means a blank, write it as %2B' : '';
  return { parameter, code, detail: message + hint, ...(allowed && { allowed }) };
}

/** A date-time whose offset came with a bare plus. */
const lostPlus = /^\d{4}-\d\d-\d\dT[\d:.]+ \d\d:?\d\d$/;
