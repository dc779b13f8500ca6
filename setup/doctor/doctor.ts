import { readOptions } from '../command-line.ts';
import type { CommandContext } from '../command-line.ts';
import { loadEnvironment } from '../environment.ts';
import { createReport, formatFinding } from '../report.ts';
import { diagnose } from './diagnosis.ts';

const usage = 'npm run doctor -- [options]: checks a set-up from end to end; settings also come from the environment';
const options = {
  settings: { type: 'string', help: 'a file with settings, as `azd env get-values` writes it' },
  url: { type: 'string', help: 'the running service, else USAGE_API_URL' },
  key: { type: 'string', help: 'a function key of it, else USAGE_API_KEY' },
  token: { type: 'string', help: 'an Entra token for it instead of the key' },
  json: { type: 'boolean', default: false, help: 'prints the findings as JSON' },
} as const;

/** `npm run doctor`: one line for each part of a set-up, and what to do about each problem. Changes nothing. */
export async function runDoctor({ args, env: given, print }: CommandContext): Promise<number> {
  const { settings: file, json, url, key, token } = readOptions(args, usage, options);
  const env = loadEnvironment(given, file);
  const report = createReport((finding) => {
    if (!json) print(formatFinding(finding));
  }, 'refresh-token');
  await diagnose(report, env, { url: url ?? env['USAGE_API_URL'], key: key ?? env['USAGE_API_KEY'], token });
  const ok = !report.hasFailed();
  if (json) print(JSON.stringify({ ok, findings: report.findings }, undefined, 2));
  return ok ? 0 : 1;
}
