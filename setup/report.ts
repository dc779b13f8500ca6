import { explainFailure } from './explain-failure.ts';
import type { Grant } from './explain-failure.ts';

/** The outcome of one check. `cure` says what to do about it. */
export type Finding = {
  readonly status: 'ok' | 'warn' | 'FAIL' | 'skip';
  readonly check: string;
  readonly detail: string;
  readonly cure?: string | undefined;
};

/** A check that passed; a `cure` makes it a warning. */
export type Passed<T> = { readonly value: T; readonly detail: string; readonly cure?: string | undefined };

export type Report = {
  readonly findings: readonly Finding[];
  /** Runs a check and reports it; `undefined` when it failed. */
  check<T>(check: string, run: () => Promise<Passed<T>>): Promise<T | undefined>;
  /** Reports checks that cannot run because another one failed. */
  skip(needed: string, checks: readonly string[]): void;
  hasFailed(): boolean;
};

/** A report that passes each finding to `show` as soon as it is known. */
export function createReport(show: (finding: Finding) => void, grant: Grant): Report {
  const findings: Finding[] = [];

  function add(finding: Finding): void {
    findings.push(finding);
    show(finding);
  }

  return {
    findings,
    async check(check, run) {
      try {
        const { value, detail, cure } = await run();
        add(cure === undefined ? { status: 'ok', check, detail } : { status: 'warn', check, detail, cure });
        return value;
      } catch (error) {
        const { what, cure } = explainFailure(error, grant);
        add({ status: 'FAIL', check, detail: what, cure });
        return undefined;
      }
    },
    skip(needed, checks) {
      for (const check of checks) add({ status: 'skip', check, detail: `needs ${needed}` });
    },
    hasFailed: () => findings.some(({ status }) => status === 'FAIL'),
  };
}

/** A finding as one line of text. */
export function formatFinding({ status, check, detail, cure }: Finding): string {
  const line = `${status.padEnd(4)}  ${check.padEnd(14)}  ${detail}`;
  return cure === undefined ? line : `${line}  cure: ${cure}`;
}
