import { runCommand } from '../command-line.ts';
import { runRebuildHistory } from './rebuild-history.ts';

await runCommand(runRebuildHistory);
