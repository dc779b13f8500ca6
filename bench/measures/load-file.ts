import { createRequire } from 'node:module';
import { installCoreModule } from '../../local/host/core-module.ts';

/* Tells how long one file of a function app takes to load in a fresh process, and its CPU time. */
installCoreModule(() => undefined);
const load = createRequire(import.meta.url);
const [startedAt, cpuBefore] = [performance.now(), process.cpuUsage()];
load(process.argv[2] ?? '');
const ms = performance.now() - startedAt;
const { user, system } = process.cpuUsage(cpuBefore);
process.send?.({ ms, cpuMs: (user + system) / 1000 }, () => process.exit());
