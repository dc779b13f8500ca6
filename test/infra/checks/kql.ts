/**
 * A row of a table that is searched: `message` of traces, `resultCode` and `itemCount` of requests, `Detail` of Operation, of all `timestamp` and,
 * where it differs, `ingested` (epoch ms).
 */
export type LogRow = Readonly<Record<string, string | number>>;

type Value = string | number | boolean | null | object;
type Condition = { readonly left: string; readonly operator: string; readonly right: readonly (string | number)[] };
type Stage =
  | { readonly kind: 'extend'; readonly name: string; readonly expression: string }
  | { readonly kind: 'where'; readonly conditions: readonly Condition[] };

/** Left side of a condition on the time that has passed since a row was ingested, in ms. */
export const sinceIngestion = 'todouble(sinceIngestion)';

const tables = ['traces', 'requests', 'Operation'] as const;

export type KqlQuery = { readonly table: (typeof tables)[number]; readonly stages: readonly Stage[] };

/**
 * Reads the part of KQL that alert rules may use: `table | extend name = f(x) | where f(x.y) op literal and ...`, with the functions
 * parse_json, tostring, toint and todouble, the operators == != < <= > >= in contains, and `ingestion_time() > ago(15m)`. Throws an Error for anything else.
 */
export function parseKql(text: string): KqlQuery {
  const [name = '', ...stages] = text.split('|').map((part) => part.trim());
  const table = tables.find((candidate) => candidate === name);
  if (table === undefined) throw new Error(`no such table: ${name}`);
  return { table, stages: stages.map(parseStage) };
}

/** The rows that the query finds at `now` (epoch ms). */
export function runKql(query: KqlQuery, rows: readonly LogRow[], now: number): readonly LogRow[] {
  return rows.filter((row) => {
    const age = now - Number(row['ingested'] ?? row['timestamp']);
    const columns = new Map<string, Value>([...Object.entries(row), ['sinceIngestion', age]]);
    return query.stages.every((stage) => {
      if (stage.kind === 'where') return stage.conditions.every((condition) => holds(condition, columns));
      columns.set(stage.name, valueOf(stage.expression, columns));
      return true;
    });
  });
}

function parseStage(text: string): Stage {
  const [, kind, rest = ''] = /^(\w+)\s+(.*)$/.exec(text) ?? [];
  if (kind === 'where') return { kind, conditions: rest.split(/\s+and\s+/).map(parseCondition) };
  const [, name, expression] = /^(\w+) = (\w+\([\w.]+\))$/.exec(rest) ?? [];
  if (kind !== 'extend' || name === undefined || expression === undefined) throw new Error(`cannot read: ${text}`);
  return { kind, name, expression: checked(expression) };
}

function parseCondition(text: string): Condition {
  const [, count, unit = ''] = /^ingestion_time\(\) > ago\((\d+)([mh])\)$/.exec(text) ?? [];
  if (count !== undefined) {
    return { left: sinceIngestion, operator: '<', right: [Number(count) * (unit === 'h' ? 3_600_000 : 60_000)] };
  }
  const [, left, operator, right] = /^(\w+\([\w.]+\)) (==|!=|<=|>=|<|>|in|contains) (.+)$/.exec(text) ?? [];
  if (left === undefined || operator === undefined || right === undefined) throw new Error(`cannot read: ${text}`);
  const literals = operator === 'in' ? right.replace(/^\(|\)$/g, '').split(/,\s*/) : [right];
  return { left: checked(left), operator, right: literals.map(literalOf) };
}

function checked(call: string): string {
  if (!/^(parse_json|tostring|toint|todouble)\(/.test(call)) throw new Error(`no such function: ${call}`);
  return call;
}

function literalOf(text: string): string | number {
  const quoted = /^'([^']*)'$/.exec(text)?.[1];
  if (quoted !== undefined) return quoted;
  if (!/^-?\d+(\.\d+)?$/.test(text)) throw new Error(`cannot read: ${text}`);
  return Number(text);
}

function holds({ left, operator, right }: Condition, columns: ReadonlyMap<string, Value>): boolean {
  const value = valueOf(left, columns);
  const [first = ''] = right;
  if (operator === 'in') return right.some((literal) => literal === value);
  if (operator === '==') return value === first;
  if (operator === '!=') return value !== first;
  if (operator === 'contains') {
    return typeof value === 'string' && value.toLowerCase().includes(String(first).toLowerCase());
  }
  // A comparison with null is never true, in Kusto as here.
  if (typeof value !== 'number' || typeof first !== 'number') return false;
  if (operator === '<') return value < first;
  if (operator === '<=') return value <= first;
  return operator === '>' ? value > first : value >= first;
}

function valueOf(call: string, columns: ReadonlyMap<string, Value>): Value {
  const [, name, path = ''] = /^(\w+)\((.*)\)$/.exec(call) ?? [];
  const [column = '', ...members] = path.split('.');
  const value = members.reduce<unknown>(memberOf, columns.get(column));
  if (name === 'parse_json') return parsedOf(value);
  // tostring(null) is the empty string in Kusto.
  if (name === 'tostring')
    return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';
  const number =
    typeof value === 'number' ? value : typeof value === 'string' && value.trim() !== '' ? Number(value) : Number.NaN;
  if (Number.isNaN(number)) return null;
  return name === 'toint' ? Math.trunc(number) : number;
}

/** Text that is no JSON stays text, as in Kusto: it has no members. */
function parsedOf(value: unknown): Value {
  try {
    const parsed: unknown = JSON.parse(String(value));
    return typeof parsed === 'object' && parsed !== null ? parsed : String(value);
  } catch {
    return String(value);
  }
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && name in value
    ? Object.entries(value).find(([key]) => key === name)?.[1]
    : undefined;
}
