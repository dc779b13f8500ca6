import { buildApp } from '../../../build.ts';

/** Runs once before all tests: e2e tests run the bundle that would be deployed. */
export async function setup(): Promise<void> {
  await buildApp();
}
