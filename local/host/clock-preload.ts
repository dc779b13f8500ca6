import { z } from 'zod';
import { installShiftedDate } from './shifted-date.ts';

const answerSchema = z.object({ offsetMs: z.number() });

// For `node --import`: a command that talks to the local cloud lives in the cloud's time, as it was when the command started.
const controlUrl = process.env['LOCAL_CLOUD_CONTROL_URL'];
if (controlUrl !== undefined) {
  // No offset is negative, so the question is answered at once.
  const response = await fetch(`${controlUrl}/clock?known=-1`);
  installShiftedDate()(answerSchema.parse(await response.json()).offsetMs);
}
