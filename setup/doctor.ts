import { exitWith, readOptions } from './command-line.ts';
import { diagnose } from './diagnosis.ts';
import { loadEnvironment } from './environment.ts';
import { createReport, lineOf } from './report.ts';

/** `npm run doctor`: one line for each part of a set-up, and the cure for what is wrong. Changes nothing. */
async function main(): Promise<void> {
  const text = { type: 'string' } as const;
  const {
    settings: file,
    json,
    url,
    key,
    token,
  } = readOptions({
    settings: text,
    url: text,
    key: text,
    token: text,
    json: { type: 'boolean', default: false },
  });
  const env = loadEnvironment(file, {});
  const report = createReport((finding) => {
    if (!json) console.log(lineOf(finding));
  }, 'refresh-token');
  await diagnose(report, env, { url: url ?? env['USAGE_API_URL'], key: key ?? env['USAGE_API_KEY'], token });
  const ok = !report.hasFailed();
  if (json) console.log(JSON.stringify({ ok, findings: report.findings }, undefined, 2));
  process.exitCode = ok ? 0 : 1;
}

await main().catch(exitWith);
