import { runCommand } from '../command-line.ts';
import { runConsent } from './consent.ts';

await runCommand(runConsent);
