import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { createEngine, defaultDockerHost, pingEngine } from './capabilities/ops/docker/client.ts';
import { bridgePrefix, metadataRule, wallRule } from './capabilities/ops/docker/networks.ts';
import { readVariable, type Settings } from './core/settings.ts';
import type { Check } from './doctor-check.ts';

const name = 'docker_walls';

/**
 * Whether containers that reach the machine's own addresses are kept from its services, which only the machine's firewall can do.
 * A problem only where the operator named the engine, as for the engine itself.
 */
export async function checkWalls(settings: Settings): Promise<Check> {
  const named = settings['ops.docker_host'];
  const host = named ?? defaultDockerHost();
  const skip = (message: string): Check => ({ name, state: 'skip', message });
  if (process.platform !== 'linux' || !host.startsWith('unix:'))
    return skip('The engine is not on this Linux machine.');
  const answers = await createEngine(host)
    .then(pingEngine)
    .then(
      () => true,
      () => false,
    );
  if (!answers) return skip('No Docker engine answers.');
  const rules = await inputRules();
  const asRoot = settings['ops.networks'].includes('egress') ? `${wallRule} && ${metadataRule}` : wallRule;
  if (rules === undefined)
    return skip(`The rules of the firewall cannot be read as this user. What is needed: ${asRoot}`);
  if (isWalled(rules)) return { name, state: 'ok', message: 'Containers are kept from the services of this machine.' };
  const message =
    'Sandboxes with ports, and jobs with egress, reach services that listen on all addresses of this machine.';
  if (named === undefined) return skip(`${message} To end it: ${asRoot}`);
  return { name, state: 'warn', message, suggestion: `As root, and again after each start of the machine: ${asRoot}` };
}

/** Whether a listing of iptables has a rule that drops what comes from our bridges, answers aside, and none before that takes it. */
export function isWalled(rules: string): boolean {
  const ours = rules.split('\n').filter((rule) => rule.startsWith(`-A INPUT -i ${bridgePrefix}+ `));
  const dropped = ours.findIndex((rule) =>
    /\+ (-m conntrack ! --ctstate (RELATED,ESTABLISHED|ESTABLISHED,RELATED) )?-j (DROP|REJECT)( |$)/.test(rule),
  );
  return dropped !== -1 && !ours.slice(0, dropped).some((rule) => rule.endsWith('+ -j ACCEPT'));
}

/** Undefined where there is no iptables, or this user may not read them. */
async function inputRules(): Promise<string | undefined> {
  const env = { PATH: `${readVariable('PATH') ?? '/usr/bin'}:/usr/sbin:/sbin` };
  return promisify(execFile)('iptables', ['-S', 'INPUT'], { env, timeout: 5000 }).then(
    ({ stdout }) => stdout,
    () => undefined,
  );
}
