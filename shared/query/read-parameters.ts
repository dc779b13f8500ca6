import * as z from 'zod';
import type { ParameterProblem } from '../errors.ts';
import { parameterNotes } from './parameters.ts';

/** The host's own parameters (function keys), which it takes in any letter case and any number. */
const hostNames = new Set(['code', 'clientid']);

/** More unknown names than this are not answered, so that no answer is many times longer than its URL. */
const maximumUnknown = 20;
const maximumNameLength = 64;

/**
 * The values that a URL gives the parameters in `known` by a table, and every problem: unknown, repeated and empty parameters, and
 * values the table refuses. Values with a problem are left out, so that the others can still be checked together.
 */
export function readParameters<Table extends z.ZodObject>(
  table: Table,
  params: URLSearchParams,
  known: readonly string[],
): { values: z.output<Table>; problems: ParameterProblem[] } {
  const { texts, problems } = readParameterTexts(params, known);
  const parsed = table.safeParse(Object.fromEntries(texts));
  if (parsed.success) return { values: parsed.data, problems };
  const messages = new Map<string, string>();
  for (const { path, message } of parsed.error.issues) messages.set(String(path[0]), message);
  const sound = [...texts].filter(([name]) => !messages.has(name));
  const faults = [...texts].flatMap(([name, text]) => {
    const message = messages.get(name);
    return message === undefined ? [] : [describeFault({ name, schema: table.shape[name], message, text })];
  });
  return { values: table.parse(Object.fromEntries(sound)), problems: [...problems, ...faults] };
}

/** The canonical query string of values: in the order of the table, without those that have their default text. */
export function formatParameters<Table extends z.ZodObject>(
  table: Table,
  values: z.output<Table>,
  defaults: Readonly<Record<string, string | undefined>>,
): string {
  const params = new URLSearchParams();
  for (const [name, text] of Object.entries(z.encode(table, values))) {
    if (typeof text === 'string' && text !== defaults[name]) params.append(name, text);
  }
  return params.toString();
}

/** The texts of known parameters, each given once and not empty. */
function readParameterTexts(params: URLSearchParams, known: readonly string[]) {
  const texts = new Map<string, string>();
  const repeated: ParameterProblem[] = [];
  const unknown: string[] = [];
  const empty: ParameterProblem[] = [];
  for (const [caseless, given] of groupByName(params)) {
    const [first] = given;
    if (first === undefined || hostNames.has(caseless)) continue;
    // The host folds names that differ in letter case only into one, so they are one parameter given twice.
    const name = known.find((candidate) => candidate.toLowerCase() === caseless);
    if (name !== undefined && given.length > 1) repeated.push(describeRepeated(name));
    else if (name === undefined || first.name !== name) unknown.push(first.name);
    else if (first.text === '') empty.push({ parameter: name, code: 'InvalidParameter', detail: 'has no value' });
    else texts.set(name, first.text);
  }
  // Comparing a name with every known one takes far longer than reading it.
  const named = unknown.slice(0, maximumUnknown).map((name) => describeUnknown(name, known));
  return { texts, problems: [...named, ...repeated, ...empty] };
}

type Given = { readonly name: string; readonly text: string };

function groupByName(params: URLSearchParams): Map<string, Given[]> {
  const given = [...params].map(([name, text]) => ({ name, text }));
  return Map.groupBy(given, ({ name }) => name.toLowerCase());
}

function describeRepeated(parameter: string): ParameterProblem {
  const detail = 'is given more than once; names that differ in letter case only count as one';
  return { parameter, code: 'DuplicateParameter', detail };
}

function describeUnknown(name: string, known: readonly string[]): ParameterProblem {
  const parameter = name.slice(0, maximumNameLength);
  const nearest = nearestName(parameter, known);
  const detail = nearest === undefined ? 'unknown parameter' : `unknown parameter; did you mean \`${nearest}\`?`;
  return { parameter, code: 'UnknownParameter', detail, allowed: known };
}

type Fault = {
  readonly name: string;
  readonly schema: z.core.$ZodType | undefined;
  readonly message: string;
  readonly text: string;
};

function describeFault({ name, schema, message, text }: Fault): ParameterProblem {
  const notes = schema && parameterNotes.get(schema);
  const hint = lostPlus.test(text) ? '; a + in a query means a blank, write it as %2B' : '';
  return {
    parameter: name,
    code: notes?.code ?? 'InvalidParameter',
    detail: message + hint,
    ...(notes?.allowed && { allowed: notes.allowed }),
  };
}

/** A date-time whose offset came with a bare plus. */
const lostPlus = /^\d{4}-\d\d-\d\dT[\d:.]+ \d\d:?\d\d$/;

/** The name most like `text`, letter case aside; `undefined` when more than half of it would have to change. */
function nearestName(text: string, names: readonly string[]): string | undefined {
  const wanted = text.toLowerCase();
  const ranked = names
    .map((name) => ({ name, distance: editDistance(wanted, name.toLowerCase()) }))
    .toSorted((one, other) => one.distance - other.distance);
  const [best] = ranked;
  return best !== undefined && best.distance * 2 <= best.name.length ? best.name : undefined;
}

/** Levenshtein distance: letters to insert, drop or replace. */
function editDistance(from: string, to: string): number {
  let previous = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let row = 1; row <= from.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= to.length; column += 1) {
      const replaced = Number(previous[column - 1]) + (from[row - 1] === to[column - 1] ? 0 : 1);
      current.push(Math.min(replaced, Number(previous[column]) + 1, Number(current[column - 1]) + 1));
    }
    previous = current;
  }
  return Number(previous[to.length]);
}
