import { describe, expect, it } from 'vitest';
import { createUsageContainer } from '../../shared/storage/usage-container.ts';
import { createContainer, developmentAccount, getServiceUrl } from '../support/services/azurite.ts';

describe('createUsageContainer', () => {
  it('reaches the container, with one client however often it is asked', async () => {
    const { containerName } = await createContainer();
    let credentials = 0;
    const container = createUsageContainer({
      storageUrl: await getServiceUrl(),
      containerName,
      credential: async () => {
        credentials += 1;
        return developmentAccount;
      },
    });
    expect(credentials).toBe(0);

    const [first, second] = await Promise.all([container(), container()]);

    expect(second).toBe(first);
    expect(credentials).toBe(1);
    await expect(first.exists()).resolves.toBe(true);
  });

  it('tries again after a failure to load the credential', async () => {
    const outcomes = [Promise.reject(new Error('no identity')), Promise.resolve(developmentAccount)];
    const container = createUsageContainer({
      storageUrl: await getServiceUrl(),
      containerName: 'usage',
      credential: async () => outcomes.shift() ?? developmentAccount,
    });

    await expect(container()).rejects.toThrow('no identity');
    await expect(container()).resolves.toMatchObject({ containerName: 'usage' });
  });
});
