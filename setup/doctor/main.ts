import { runCommand } from '../command-line.ts';
import { runDoctor } from './doctor.ts';

await runCommand(runDoctor);
