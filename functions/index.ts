import { app } from '@azure/functions';
import { parseSettings } from '../shared/config.ts';
import { createAzureAdapters } from './adapters.ts';
import { composeApp, composeMisconfigured } from './composition.ts';
import { httpFunctions } from './http-functions.ts';
import { registerFunctions } from './registration.ts';

const parsed = parseSettings(process.env);
registerFunctions(
  app,
  httpFunctions,
  parsed.ok
    ? composeApp(parsed.settings, createAzureAdapters(parsed.settings))
    : composeMisconfigured(parsed.problems, parsed.callerAuth),
);
