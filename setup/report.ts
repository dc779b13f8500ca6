import { explainFailure } from './failure-troubles.ts';
import type { Grant } from './entra-troubles.ts';

/** The outcome of one step. `cure` is what a person can do about it. */
export type Finding = {
  readonly status: 'ok' | 'warn' | 'FAIL' | 'skip';
  readonly check: string;
  readonly detail: string;
  readonly cure?: string;
};

/** A step that went well; with a `cure` it is a warning. */
export type Passed<T> = { readonly value: T; readonly detail: string; readonly cure?: string | undefined };

export type Report = {
  readonly findings: readonly Finding[];
  /** Runs a step and reports it; `undefined` when it failed. */
  check<T>(check: string, run: () => Promise<Passed<T>>): Promise<T | undefined>;
  /** Steps that cannot be done without another one. */
  skip(needed: string, checks: readonly string[]): void;
  hasFailed(): boolean;
};

/** Collects findings and tells each at once. */
export function createReport(tell: (finding: Finding) => void, grant: Grant): Report {
  const findings: Finding[] = [];

  function add(finding: Finding): void {
    findings.push(finding);
    tell(finding);
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

/** A finding as one line. */
export function lineOf({ status, check, detail, cure }: Finding): string {
  const line = `${status.padEnd(4)}  ${check.padEnd(14)}  ${detail}`;
  return cure === undefined ? line : `${line}  cure: ${cure}`;
}
