import { expect, test } from 'vitest';
import { saidIn } from './said.ts';

const said = (body: unknown) => saidIn(new Response(typeof body === 'string' ? body : JSON.stringify(body)));

test('the words of a failure are found in each form that was seen', async () => {
  expect(await said({ detail: 'no' })).toBe('no');
  expect(await said({ message: 'no' })).toBe('no');
  expect(await said({ error: { msg: 'no' } })).toBe('no');
  expect(await said({ errors: [{ message: 'one' }, 'two'] })).toBe('one; two');
  const detail = [{ loc: ['query', 'page', 0], msg: 'too small', type: 'x' }];
  expect(await said({ detail })).toBe('query.page.0: too small');
  expect(await said('plain words')).toBe('plain words');
});

test('what says nothing is empty, and what is deep or long ends', async () => {
  for (const body of ['', '<html>Bad Gateway</html>', {}, [], { detail: null }, { detail: 7 }])
    expect(await said(body)).toBe('');
  let deep: unknown = 'found';
  for (let at = 0; at < 50; at += 1) deep = { detail: deep };
  expect(await said(deep)).toBe('');
  expect((await said('x'.repeat(100_000))).length).toBe(500);
  expect(await saidIn(new Response(null, { status: 502 }))).toBe('');
});
