import type { BicepFile } from '../bicep/bicep-model.ts';
import { lineOf } from '../bicep/bicep-syntax.ts';
import type { Finding } from './finding.ts';

/**
 * Parameters that have another value at every deployment (utcNow, newGuid) and are used as more than the fallback of a value that azd brings back:
 * `empty(kept) ? changing : kept`, with `kept` from a variable that main.bicep also outputs.
 */
export function changingValueFindings(main: BicepFile, parameters: string): Finding[] {
  const outputs = main.declarations.filter(({ kind }) => kind === 'output').map(({ name }) => name);
  const changing = main.declarations.filter(
    ({ kind, value }) => kind === 'param' && /\b(utcNow|newGuid)\(/.test(value?.node.text ?? ''),
  );
  return changing.flatMap(({ name, line }) => [
    // azd passes a variable that is set but empty, and then the default does not apply.
    ...(parameters.includes(`"${name}"`) ? [finding(line, `${name} must not be a parameter that azd passes`)] : []),
    ...main.nodes
      .filter(
        (node) => node.type === 'identifier' && node.text === name && node.parent?.type !== 'parameter_declaration',
      )
      .filter(({ parent }) => !isFallback(parent?.text ?? '', name))
      .map((node) =>
        finding(lineOf(node), `${name} changes with every deployment: use it until an output keeps the first value`),
      ),
  ]);

  function isFallback(choice: string, name: string): boolean {
    const [, kept = '', ...sides] = /^empty\((\w+)\) \? (\w+) : (\w+)$/.exec(choice) ?? [];
    const [, variable = ''] = new RegExp(`"${kept}": \\{ "value": "\\$\\{(\\w+)\\}" \\}`).exec(parameters) ?? [];
    return sides.join() === `${name},${kept}` && outputs.includes(variable);
  }

  function finding(line: number, message: string): Finding {
    return { file: main.path, line, rule: 'changing-values', message };
  }
}
