import { createRequire } from 'node:module';
import { installCoreModule } from '../../local/host/core-module.ts';

/* Tells how long one file of a function app takes to load in a fresh process. */
installCoreModule(() => undefined);
const load = createRequire(import.meta.url);
const startedAt = performance.now();
load(process.argv[2] ?? '');
process.send?.({ loadMs: performance.now() - startedAt }, () => process.exit());
