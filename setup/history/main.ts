import { runCommand } from '../command-line.ts';
import { runHistory } from './history.ts';

await runCommand(runHistory);
