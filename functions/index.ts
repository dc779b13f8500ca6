import { app } from '@azure/functions';
import { getProgrammingModel } from '@azure/functions-core';
import { parseSettings } from '../shared/settings.ts';
import { createAzureAdapters } from './adapters.ts';
import { composeApp } from './composition.ts';
import { hideUnreadableUrls } from './hide-unreadable-urls.ts';
import { registerFunctions } from './http-function.ts';
import { httpFunctions } from './http-functions.ts';
import { composeMisconfigured } from './misconfigured.ts';

const parsed = parseSettings(process.env);
const composed = parsed.ok
  ? composeApp(parsed.settings, createAzureAdapters(parsed.settings))
  : composeMisconfigured(parsed.problems, parsed.callerAuth);
registerFunctions(app, httpFunctions, composed);
void composed.preload();

// Registering has made the library set its model.
const model = getProgrammingModel();
if (model !== undefined) hideUnreadableUrls(model);
