import { z } from 'zod';
import type { Finding } from './finding.ts';
import { parseKql, runKql, sinceIngestion } from './kql.ts';
import type { LogRow } from './kql.ts';

const minutes = {
  PT5M: 5,
  PT10M: 10,
  PT15M: 15,
  PT30M: 30,
  PT1H: 60,
  PT2H: 120,
  PT3H: 180,
  PT6H: 360,
  P1D: 1440,
} as const;
const duration = z.enum(['PT5M', 'PT10M', 'PT15M', 'PT30M', 'PT1H', 'PT2H', 'PT3H', 'PT6H', 'P1D']);
const alertRule = z.strictObject({
  name: z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/),
  title: z.string().min(1),
  meaning: z.string().min(1),
  severity: z.int().min(0).max(4),
  frequency: duration,
  window: duration,
  query: z.string(),
  operator: z.enum(['GreaterThan', 'GreaterThanOrEqual', 'LessThan']),
  threshold: z.int().min(0),
  autoResolve: z.boolean(),
});

export type AlertRule = z.infer<typeof alertRule>;

/** The alert rules of infra/alerts.json. Throws for anything that is not a rule. */
export function parseAlertRules(text: string): AlertRule[] {
  return z.array(alertRule).parse(JSON.parse(text));
}

/** Whether the rule would fire when Azure looks at its table at `now` (epoch ms): it counts what the rows of its window that its query finds stand for. */
export function isFiring(rule: AlertRule, rows: readonly LogRow[], now: number): boolean {
  const start = now - minutes[rule.window] * 60_000;
  const recent = rows.filter((row) => Number(row['timestamp']) > start && Number(row['timestamp']) <= now);
  const found = runKql(parseKql(rule.query), recent, now);
  const count = found.reduce((sum, { itemCount = 1 }) => sum + Number(itemCount), 0);
  if (rule.operator === 'LessThan') return count < rule.threshold;
  return rule.operator === 'GreaterThan' ? count > rule.threshold : count >= rule.threshold;
}

/**
 * Rules that cannot be read, are named twice, look away between two looks, miss a late row of an event that is logged once, or name an event
 * or code that the app does not have.
 */
export function alertFindings(text: string, events: readonly string[], codes: readonly string[]): Finding[] {
  const parsed = z.array(alertRule).safeParse(JSON.parse(text));
  if (!parsed.success) {
    return parsed.error.issues.map(({ path, message }) => finding(`${path.join('.')}: ${message}`));
  }
  const rules = parsed.data;
  return rules.flatMap((rule, position) => [
    ...(rules.findIndex(({ name }) => name === rule.name) === position ? [] : [finding(`${rule.name} is named twice`)]),
    ...(minutes[rule.frequency] > minutes[rule.window] ? [finding(`${rule.name} looks away between two looks`)] : []),
    ...queryFindings(rule),
  ]);

  function queryFindings({ name, query, frequency, window, autoResolve }: AlertRule): Finding[] {
    try {
      const conditions = parseKql(query).stages.flatMap((stage) => (stage.kind === 'where' ? stage.conditions : []));
      const ingested = conditions.find(({ left }) => left === sinceIngestion)?.right[0];
      const countsOnce = minutes[window] >= 2 * minutes[frequency] && ingested === minutes[frequency] * 60_000;
      const named = (column: string) =>
        conditions.filter(({ left }) => left === `tostring(log.${column})`).flatMap(({ right }) => right);
      return [
        ...(autoResolve || countsOnce ? [] : [finding(`${name} misses or repeats a row that is ingested late`)]),
        ...named('event')
          .filter((event) => !events.includes(String(event)))
          .map((event) => finding(`${name}: nobody logs ${event}`)),
        ...named('code')
          .filter((code) => !codes.includes(String(code)))
          .map((code) => finding(`${name}: no failure has the code ${code}`)),
      ];
    } catch (error) {
      return [finding(`${name}: ${error instanceof Error ? error.message : 'cannot be read'}`)];
    }
  }
}

function finding(message: string): Finding {
  return { file: 'alerts.json', line: 1, rule: 'alerts', message };
}
