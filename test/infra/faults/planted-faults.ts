import { projectFaults } from './project-faults.ts';
import { securityFaults } from './security-faults.ts';
import { templateFaults } from './template-faults.ts';
import { workflowFaults } from './workflow-faults.ts';

/** A fault to plant in a copy of the project: what it is, in which file, which text becomes which, and the finding it must lead to. */
export type Fault = readonly [what: string, file: string, from: string, to: string, finding: RegExp];

/** Mistakes that all pass for valid text until something looks at their meaning. */
export const plantedFaults: readonly Fault[] = [
  ...templateFaults,
  ...securityFaults,
  ...projectFaults,
  ...workflowFaults,
];
