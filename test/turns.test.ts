import { describe, expect, it } from 'vitest';
import { runInTurns } from '../shared/turns.ts';

describe('runInTurns', () => {
  it('gives others a turn between the pieces', async () => {
    const story: string[] = [];
    function* work() {
      story.push('one');
      yield;
      story.push('two');
      yield;
      story.push('three');
      return 'done';
    }
    const result = await runInTurns(work(), async () => {
      story.push('others');
    });
    expect(result).toBe('done');
    expect(story).toEqual(['one', 'others', 'two', 'others', 'three']);
  });
});
