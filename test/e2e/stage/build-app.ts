import { buildApp } from '../../../build.ts';

/** Shared by all projects of a test run: each loads this file for itself. */
const run: typeof globalThis & { appBuild?: Promise<unknown> } = globalThis;

/** Runs before the tests of a project that starts the bundle which would be deployed. */
export async function setup(): Promise<void> {
  run.appBuild ??= buildApp();
  await run.appBuild;
}
