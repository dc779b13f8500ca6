import { z } from 'zod';
import { parseJson } from '../../shared/parse-json.ts';
import { trimTrailingSlashes } from '../../shared/settings.ts';
import type { Passed } from '../report.ts';
import { CommandError } from '../command-line.ts';

/** How the doctor authenticates to the service: a function key, or with `CALLER_AUTH=entra` a token. */
export type Caller = { readonly key: string | undefined; readonly token: string | undefined };

const health = z.looseObject({
  status: z.enum(['pass', 'warn', 'fail']),
  warnings: z.array(z.string()),
  snapshot: z.looseObject({ state: z.string(), recordCount: z.number() }).nullable(),
});
const problem = z.looseObject({
  code: z.string(),
  /** With code `Misconfigured`: the settings the service rejects. */
  settings: z.array(z.looseObject({ setting: z.string(), expected: z.string() })).default([]),
});

/** Checks that the service runs, and reports its own health. */
export async function checkService(url: string, { key, token }: Caller): Promise<Passed<true>> {
  const base = trimTrailingSlashes(url);
  const live = await ask(`${base}/api/health/live`, {});
  const isMisconfigured = problem.safeParse(live.json).data?.code === 'Misconfigured';
  if (live.status !== 200 && !isMisconfigured) {
    throw new CommandError({
      what: `health/live answers ${live.status}`,
      cure: 'check the address; is the package deployed and the app running?',
    });
  }
  const ready = await ask(`${base}/api/health/ready`, {
    ...(key !== undefined && { 'x-functions-key': key }),
    ...(token !== undefined && { authorization: `Bearer ${token}` }),
  });
  if (ready.status === 401) {
    throw new CommandError({
      what: 'health/ready refuses the caller (401)',
      cure: 'give a function key by --key, or a token by --token with CALLER_AUTH=entra',
    });
  }
  return readHealth(ready);
}

type Reply = { readonly status: number; readonly json: unknown };

function readHealth({ status, json }: Reply): Passed<true> {
  const { data } = health.safeParse(json);
  const cure = 'see docs/operating.md, Runbook';
  if (data === undefined) {
    const { code, settings } = problem.safeParse(json).data ?? { code: 'no answer of this service', settings: [] };
    const problems = settings.map(({ setting, expected }) => `; ${setting} must be ${expected}`).join('');
    throw new CommandError({ what: `health/ready answers ${status}: ${code}${problems}`, cure });
  }
  const { snapshot, warnings } = data;
  const list = snapshot === null ? 'no list' : `${snapshot.recordCount} records, ${snapshot.state}`;
  const detail = [`health/ready says ${data.status}: ${list}`, ...warnings].join(', ');
  if (data.status === 'fail') throw new CommandError({ what: detail, cure });
  return { value: true, detail, cure: data.status === 'warn' ? cure : undefined };
}

async function ask(url: string, headers: Record<string, string>): Promise<Reply> {
  try {
    const response = await fetch(url, { headers, redirect: 'manual', signal: AbortSignal.timeout(60_000) });
    const text = await response.text();
    return { status: response.status, json: parseJson(text, z.unknown()) };
  } catch (error) {
    throw new CommandError(
      { what: 'the service does not answer', cure: 'check --url and the network' },
      { cause: error },
    );
  }
}
