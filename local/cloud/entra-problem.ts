import { randomUUID } from 'node:crypto';
import type { Answer } from './http.ts';
import { jsonAnswer } from './http.ts';

/** The token endpoint's error body; `text` starts with the AADSTS number. */
export function entraProblem(status: number, error: string, text: string): Answer {
  const code = Number.parseInt(text, 10);
  const [traceId, correlationId] = [randomUUID(), randomUUID()];
  const timestamp = new Date().toISOString().replace(/T(.*)\.\d+/, ' $1');
  return jsonAnswer(status, {
    error,
    error_description: `AADSTS${text} Trace ID: ${traceId} Correlation ID: ${correlationId} Timestamp: ${timestamp}`,
    error_codes: [code],
    timestamp,
    trace_id: traceId,
    correlation_id: correlationId,
    error_uri: `https://login.microsoftonline.com/error?code=${code}`,
  });
}
