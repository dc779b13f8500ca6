import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startStage } from '../e2e/stage/stage.ts';
import type { Stage } from '../e2e/stage/stage.ts';
import { runCommand } from './command.ts';

let stage: Stage;

beforeAll(async () => {
  stage = await startStage({ customers: 4 });
});
afterAll(() => stage.end());

describe('npm run doctor, before the first refresh', () => {
  it('says that there is no snapshot yet', async () => {
    const { output, code } = await runCommand({ script: 'doctor', env: stage.settings });

    expect(output).toMatch(/^warn {2}storage .*without a snapshot yet {2}cure: wait for the first refresh/m);
    expect(code).toBe(0);
  });

  it('says why when a refresh has failed', async () => {
    const app = await stage.startApp();
    await stage.fault('entra', 'client-secret-expired', 1);
    await app.tick();
    const { output, code } = await runCommand({ script: 'doctor', env: stage.settings });

    expect(output).toMatch(
      /^FAIL {2}storage .*CacheEmpty: .* the last refresh failed: UpstreamForbidden {2}cure: see/m,
    );
    expect(code).toBe(1);
  });
});
