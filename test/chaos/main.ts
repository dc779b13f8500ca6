import { buildApp } from '../../build.ts';
import { exitWith, parseWholeNumber, readOptions } from '../../setup/command-line.ts';
import { createFaultMatrix } from './fault-matrix.ts';
import { createKillPoints } from './kill-points.ts';
import { createRandom } from './random.ts';
import { runSoak } from './soak.ts';
import { describeKills, describeMatrix, describeSoak } from './summary.ts';
import { startWorld } from './world.ts';
import type { World } from './world.ts';

/** Collects the story and what went wrong in it. */
function createLog(isShown: boolean) {
  const story: string[] = [];
  const problems: string[] = [];
  return {
    story,
    problems,
    tell: (line: string): void => {
      story.push(line);
      if (isShown) console.log(line);
    },
    report: (problem: string): void => void problems.push(problem),
  };
}

function readChaosOptions() {
  const usage = 'npm run chaos -- [options]: attacks the built app on a local cloud, and checks every answer';
  const given = readOptions(process.argv.slice(2), usage, {
    seed: { type: 'string', default: '1', help: 'the same number makes the same story' },
    minutes: { type: 'string', default: '10', help: 'ends after this time' },
    steps: { type: 'string', default: '0', help: 'ends after this many steps instead' },
    processes: { type: 'string', default: '4', help: 'the most processes of the app at a time' },
    kills: {
      type: 'string',
      default: '0',
      help: 'kills this many processes at each call of a refresh, without other faults',
    },
    soak: { type: 'boolean', default: false, help: 'keeps up a steady load, without any fault' },
    rate: { type: 'string', default: '200', help: 'requests a second with --soak' },
    story: { type: 'boolean', default: false, help: 'prints every step as it happens' },
  });
  return {
    seed: parseWholeNumber('seed', given.seed, 1e9),
    minutes: parseWholeNumber('minutes', given.minutes, 10_000),
    steps: parseWholeNumber('steps', given.steps, 1e6),
    processes: Math.max(1, parseWholeNumber('processes', given.processes, 16)),
    kills: parseWholeNumber('kills', given.kills, 1e6),
    rate: parseWholeNumber('rate', given.rate, 10_000),
    isSoak: given.soak,
    isShown: given.story,
  };
}

type Options = ReturnType<typeof readChaosOptions>;

async function attack(world: World, options: Options, hasProblem: () => boolean): Promise<string[]> {
  if (options.isSoak) {
    const soak = await runSoak(world, options);
    for (const error of soak.errors) world.report(error);
    return describeSoak(soak);
  }
  if (options.kills > 0) {
    const kills = createKillPoints(world, options);
    await kills.begin();
    for (let kill = 0; kill < options.kills && !hasProblem(); kill += 1) await kills.runKill();
    return describeKills(world, kills, await kills.checkBlobs());
  }
  const matrix = createFaultMatrix(world, options);
  await matrix.begin();
  const endsAt = performance.now() + options.minutes * 60_000;
  const goesOn = () => (options.steps > 0 ? matrix.steps() < options.steps : performance.now() < endsAt);
  while (goesOn() && !hasProblem()) await matrix.runEpisode();
  return describeMatrix(world, matrix);
}

async function main(): Promise<void> {
  const options = readChaosOptions();
  const { story, problems, tell, report } = createLog(options.isShown);
  await buildApp();
  const world = await startWorld({
    report,
    tell,
    random: createRandom(options.seed, 2),
    ...(options.isSoak && { customers: 250 }),
  });
  try {
    const summary = await attack(world, options, () => problems.length > 0);
    console.log(`seed ${options.seed}\n${summary.join('\n')}`);
  } finally {
    await world.end();
  }
  console.log(`violations ${problems.length}`);
  if (problems.length === 0) return;
  process.exitCode = 1;
  console.log(`The story so far:\n${story.join('\n')}\nViolations:\n${problems.join('\n')}`);
}

await main().catch(exitWith);
