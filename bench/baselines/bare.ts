import { readFileSync } from 'node:fs';
import { app } from '@azure/functions';
import type { RecordedAnswer } from '../recorded-answers.ts';

/** Returns the bytes and headers that the app returned, and does nothing else. */
const answers: RecordedAnswer[] = JSON.parse(readFileSync(process.env['BENCH_ANSWERS'] ?? '', 'utf8'));
for (const { name, authLevel, status, headers, base64 } of answers) {
  const body = Buffer.from(base64, 'base64');
  const answer = body.length === 0 ? { status, headers } : { status, headers, body };
  app.http(`bare-${name}`, { authLevel, route: `bare/${name}`, handler: () => answer });
}
