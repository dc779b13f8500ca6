import type { ParameterProblem } from '../errors.ts';
import { nearestName } from './nearest-name.ts';

/** The texts of known parameters, each given once and not empty. */
export type ParameterTexts<Name extends string> = ReadonlyMap<Name, string>;

/** The host's own parameters (function keys), which it takes in any letter case and any number. */
const hostNames = new Set(['code', 'clientid']);

/** So that a URL full of strange names does not get an answer many times its size. */
const maximumUnknown = 20;
const maximumNameLength = 64;

/** Sorts what a URL holds into texts of `known` parameters and problems: unknown names, repeated ones, empty values. */
export function readTexts<Name extends string>(
  params: URLSearchParams,
  known: readonly Name[],
): { texts: ParameterTexts<Name>; problems: ParameterProblem[] } {
  const texts = new Map<Name, string>();
  const repeated: ParameterProblem[] = [];
  const unknown: string[] = [];
  const empty: ParameterProblem[] = [];
  for (const [caseless, given] of groupedOf(params)) {
    const [first] = given;
    if (first === undefined || hostNames.has(caseless)) continue;
    // The host folds names that differ in letter case only into one, so they are one parameter given twice.
    const name = known.find((candidate) => candidate.toLowerCase() === caseless);
    if (name !== undefined && given.length > 1) repeated.push(repeatedProblem(name));
    else if (name === undefined || first.name !== name) unknown.push(first.name);
    else if (first.text === '') empty.push({ parameter: name, code: 'InvalidParameter', detail: 'has no value' });
    else texts.set(name, first.text);
  }
  // Only those that are told are compared with every known name, which takes far longer than reading them.
  const told = unknown.slice(0, maximumUnknown).map((name) => unknownProblem(name, known));
  return { texts, problems: [...told, ...repeated, ...empty] };
}

type Given = { readonly name: string; readonly text: string };

function groupedOf(params: URLSearchParams): Map<string, Given[]> {
  const given = [...params].map(([name, text]) => ({ name, text }));
  return Map.groupBy(given, ({ name }) => name.toLowerCase());
}

function repeatedProblem(parameter: string): ParameterProblem {
  const detail = 'is given more than once; names that differ in letter case only count as one';
  return { parameter, code: 'DuplicateParameter', detail };
}

function unknownProblem(name: string, known: readonly string[]): ParameterProblem {
  const parameter = name.slice(0, maximumNameLength);
  const nearest = nearestName(parameter, known);
  const detail = nearest === undefined ? 'unknown parameter' : `unknown parameter; did you mean \`${nearest}\`?`;
  return { parameter, code: 'UnknownParameter', detail, allowed: known };
}
