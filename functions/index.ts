import { app } from '@azure/functions';
import { parseSettings } from '../shared/config.ts';
import { composeFunctions, composeMisconfigured } from './composition.ts';
import { registerFunctions } from './registration.ts';

const parsed = parseSettings(process.env);
registerFunctions(
  app,
  parsed.ok ? composeFunctions(parsed.settings) : composeMisconfigured(parsed.problems, parsed.callerAuth),
);
