type Field = { readonly least: number; readonly most: number; readonly names?: readonly string[] };

const months = 'january february march april may june july august september october november december'.split(' ');
const weekdays = 'sunday monday tuesday wednesday thursday friday saturday'.split(' ');
const fields: readonly Field[] = [
  { least: 0, most: 59 },
  { least: 0, most: 59 },
  { least: 0, most: 23 },
  { least: 1, most: 31 },
  { least: 1, most: 12, names: months },
  { least: 0, most: 6, names: weekdays },
];
/** No value fits it. */
const noField: Field = { least: 1, most: 0 };
const longestMonths = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/**
 * Whether the timer of the Functions host runs on this NCRONTAB expression: six fields, seconds first, or five without seconds,
 * that some day fulfils. General cron parsers also take `L`, `?`, `@daily` or weekday 7, which this host refuses.
 */
export function isNcrontab(text: string): boolean {
  const given = text.split(/ +/);
  if (given.length === 5) given.unshift('0');
  const values = given.map((each, position) => parseField(each, fields[position] ?? noField));
  if (values.length !== fields.length || values.some((each) => each.length === 0)) return false;
  const [, , , days = [], chosenMonths = []] = values;
  return longestMonths.some((length, at) => chosenMonths.includes(at + 1) && days.some((day) => day <= length));
}

/** The values that a field names; none when it cannot be read. */
function parseField(text: string, field: Field): readonly number[] {
  const items = text.split(',').map((item) => parseItem(item, field));
  return items.some((values) => values.length === 0) ? [] : items.flat();
}

function parseItem(text: string, field: Field): readonly number[] {
  const [, first = '', last, step = '1'] = /^(\*|\w+)(?:-(\w+))?(?:\/(\d{1,4}))?$/.exec(text) ?? [];
  const start = first === '*' ? field.least : parseValue(first, field);
  const isOpen = first === '*' || text.includes('/');
  const end = last === undefined ? (isOpen ? field.most : start) : parseValue(last, field);
  if ((first === '*' && last !== undefined) || Number(step) === 0) return [];
  return Array.from({ length: field.most + 1 }, (_, value) => value).filter(
    (value) => value >= start && value <= end && (value - start) % Number(step) === 0,
  );
}

/** NaN when it is no value of the field. */
function parseValue(text: string, { least, most, names = [] }: Field): number {
  const named = text.length < 3 ? -1 : names.findIndex((name) => name.startsWith(text.toLowerCase()));
  const value = named >= 0 ? named + least : /^\d{1,2}$/.test(text) ? Number(text) : Number.NaN;
  return value >= least && value <= most ? value : Number.NaN;
}
