import { expect, test } from 'vitest';
import { wallRule } from './capabilities/ops/docker/networks.ts';
import { isWalled } from './doctor-walls.ts';

const [, , , ...rule] = wallRule.split(' ');
const listed = `-A INPUT ${rule.join(' ')}`;

test.each([
  ['the rule of the documentation', `-P INPUT ACCEPT\n${listed}\n`, true],
  ['as iptables lists it', '-A INPUT -i tutti-+ -m conntrack ! --ctstate RELATED,ESTABLISHED -j DROP\n', true],
  ['one that refuses', '-A INPUT -i tutti-+ -j REJECT --reject-with icmp-port-unreachable\n', true],
  [
    'answers first',
    '-A INPUT -i tutti-+ -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT\n-A INPUT -i tutti-+ -j DROP\n',
    true,
  ],
  ['one for a port', '-A INPUT -i tutti-+ -p tcp -m tcp --dport 22 -j DROP\n', false],
  ['none', '-P INPUT ACCEPT\n', false],
  ['one of a single bridge', '-A INPUT -i tutti-0123abcde -j DROP\n', false],
  ['one that comes too late', `-A INPUT -i tutti-+ -j ACCEPT\n${listed}\n`, false],
])('%s', (_, rules, walled) => {
  expect(isWalled(rules)).toBe(walled);
});
