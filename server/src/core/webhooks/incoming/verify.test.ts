import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Scheme, schemes } from '../webhook.ts';
import { causeFrom } from './cause.ts';
import { type Incoming, isGenuine, messageOf } from './verify.ts';

const nowMs = 1_750_000_000_000;
const nowS = nowMs / 1000;
const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';

function request(headers: Readonly<Record<string, string>>, body: string | Uint8Array): Incoming {
  return { header: (name) => headers[name], body: Buffer.from(body) };
}

function signed(id: string, at: number | string, body: Uint8Array | string) {
  const proof = createHmac('sha256', Buffer.from(secret.slice(6), 'base64'))
    .update(`${id}.${at}.`)
    .update(body);
  return { 'webhook-id': id, 'webhook-timestamp': String(at), 'webhook-signature': `v1,${proof.digest('base64')}` };
}

test('the example of Standard Webhooks holds', () => {
  const headers = {
    'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    'webhook-timestamp': '1614265330',
    'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  };
  expect(isGenuine('standard', secret, request(headers, '{"test": 2432232314}'), 1_614_265_330_000)).toBe(true);
});

test('any body and id is known by its signature, and by no other when a byte of it changes', () => {
  const id = fc.stringMatching(/^[A-Za-z0-9_-]{1,60}$/);
  const body = fc.uint8Array({ maxLength: 200, size: 'max' });
  fc.assert(
    fc.property(id, body, fc.integer({ min: -300, max: 300 }), fc.nat(), (name, bytes, shift, at) => {
      const headers = signed(name, nowS + shift, bytes);
      expect(isGenuine('standard', secret, request(headers, bytes), nowMs)).toBe(true);
      const longer = Buffer.concat([bytes, Buffer.from('.')]);
      expect(isGenuine('standard', secret, request(headers, longer), nowMs)).toBe(false);
      // Of an empty body the dot is changed: it has become another one.
      const changed = bytes.length > 0 ? Buffer.from(bytes) : longer;
      changed.writeUInt8(changed.readUInt8(at % changed.length) ^ 1, at % changed.length);
      expect(isGenuine('standard', secret, request(headers, changed), nowMs)).toBe(false);
      expect(isGenuine('standard', `${secret}AAAB`, request(headers, bytes), nowMs)).toBe(false);
      expect(isGenuine('standard', secret, request({ ...headers, 'webhook-id': `${name}x` }, bytes), nowMs)).toBe(
        false,
      );
      const moved = { ...headers, 'webhook-timestamp': String(nowS + shift + 1) };
      expect(isGenuine('standard', secret, request(moved, bytes), nowMs)).toBe(false);
    }),
  );
});

test('what was signed long ago or in the future is not taken', () => {
  for (const shift of [-301, 301, 1e6]) {
    expect(isGenuine('standard', secret, request(signed('a', nowS + shift, 'x'), 'x'), nowMs)).toBe(false);
  }
});

test('the end of an id and the time cannot change places', () => {
  const at = nowS;
  // Both have the same signed content: a.<at>.<at>.x
  expect(isGenuine('standard', secret, request(signed('a', at, `${at}.x`), `${at}.x`), nowMs)).toBe(true);
  expect(isGenuine('standard', secret, request(signed(`a.${at}`, at, 'x'), 'x'), nowMs)).toBe(false);
});

test('headers that nobody signed prove nothing, whatever they say, and break nothing', () => {
  const text = fc.oneof(
    fc.string({ maxLength: 100 }),
    fc.constantFrom('v1,', 'v1, v1,', 'sha256=', 'Bearer ', 'Basic ', 'Basic Og==', '0', '-1', '1e9', 'NaN'),
    fc.base64String({ maxLength: 60 }).map((value) => `v1,${value}`),
    fc.stringMatching(/^[0-9a-f]{64}$/).map((value) => `sha256=${value}`),
  );
  const names = ['webhook-id', 'webhook-timestamp', 'webhook-signature', 'x-hub-signature-256', 'authorization'];
  const headers = fc.record(Object.fromEntries(names.map((name) => [name, text])), { requiredKeys: [] });
  fc.assert(
    fc.property(fc.constantFrom<Scheme>(...schemes), headers, fc.string(), (scheme, given, body) => {
      const asked = request({ 'webhook-timestamp': String(nowS), ...given } as Record<string, string>, body);
      expect(isGenuine(scheme, 'a-secret-of-nobody', asked, nowMs)).toBe(false);
      expect(messageOf(scheme, asked).key).toMatch(/^[0-9a-f]{64}$/);
    }),
  );
});

test('a cause is taken over only in its form', () => {
  const cause = { event_id: 'evt_1', depth: 2, via: ['webhook:wh_1'] };
  expect(causeFrom(JSON.stringify(cause))).toEqual(cause);
  for (const bad of ['', '{', 'null', '[]', '{"depth":0,"event_id":"a"}', '{"depth":1,"event_id":"a\\u0000"}', '9']) {
    expect(causeFrom(bad), bad).toBeUndefined();
  }
  fc.assert(fc.property(fc.json(), (text) => void causeFrom(text)));
});
