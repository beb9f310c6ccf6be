import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readCommand } from './command.ts';
import { goPackage, imagePackage, mayBeWithin, npmPackage, nugetPackage, pypiPackage } from './package-spec.ts';
import { fold, foldArgument, hidesCharacters, toolSpellings } from './text.ts';
import { canonicalUrl } from './url.ts';

/** Texts of what is taken apart, and of what looks like it. */
const odd = fc
  .array(
    fc.constantFrom(
      ...'aA-./\\ =:;"$(){}|~',
      '\u200b',
      '\ufeff',
      'ｐ',
      'Ь',
      '\u{1f600}',
      '\ud800',
      'İ',
      'ﬁ',
      '..',
      '://',
      'npx',
      'sh',
    ),
    { maxLength: 12 },
  )
  .map((all) => all.join(''));

const pieces = (all: readonly string[], maxLength: number) =>
  fc.array(fc.constantFrom(...all), { maxLength }).map((some) => some.join(''));
const address = fc
  .tuple(
    fc.constantFrom('http://', 'HTTPS://', 'wss:', 'https:\\\\'),
    fc.constantFrom('', 'u@', 'u:p%40@'),
    fc.constantFrom('a.example', 'A.Example.', '%61.example', 'ü.example', '127.1', '[::1]', 'a。example'),
    fc.constantFrom('', ':443', ':80', ':0443', ':8080'),
    pieces(['/', '/.', '/..', '/%2e%2E', 'a', '%41', '%2f', '%e4', '~', '?', '#', '&a=b', '+', '\\'], 8),
  )
  .map(([scheme, user, host, port, rest]) => `${scheme}${user}${host}${port}/${rest}`);

describe('packages', () => {
  it.each([
    ['Name@1.2.3', { registry: 'npm', name: 'name', version: '1.2.3', exact: true }],
    ['@scope/name@v1.2.3', { registry: 'npm', name: '@scope/name', version: '1.2.3', exact: true }],
    ['@scope/name', { registry: 'npm', name: '@scope/name', version: undefined, exact: false }],
    ['name@1.2', { registry: 'npm', name: 'name', version: '1.2', exact: false }],
    ['alias@npm:@s/real@2.0.0', { registry: 'npm', name: '@s/real', version: '2.0.0', exact: true }],
    ['user/repo', { registry: 'other', name: 'user/repo', version: undefined, exact: false }],
    ['./x', { registry: 'other', name: './x', version: undefined, exact: false }],
  ])('npm takes %s', (spec, expected) => expect(npmPackage(spec)).toEqual(expected));

  it.each([
    ['My_Server.X[cli]==1.2.3', { registry: 'pypi', name: 'my-server-x', version: '1.2.3', exact: true }],
    ['server@1.2.3rc1', { registry: 'pypi', name: 'server', version: '1.2.3rc1', exact: true }],
    ['server==1.*', { registry: 'pypi', name: 'server', version: '1.*', exact: false }],
    ['server>=1', { registry: 'pypi', name: 'server', version: '>=1', exact: false }],
    [
      'git+https://example.com/x',
      { registry: 'other', name: 'git+https://example.com/x', version: undefined, exact: false },
    ],
  ])('uv takes %s', (spec, expected) => expect(pypiPackage(spec)).toEqual(expected));

  it('images, NuGet and Go', () => {
    const digest = `sha256:${'a'.repeat(64)}`;
    expect(imagePackage('mcp/x')).toMatchObject({ name: 'docker.io/mcp/x', exact: false });
    expect(imagePackage('x:1')).toMatchObject({ name: 'docker.io/library/x', version: '1', exact: false });
    expect(imagePackage(`GHCR.io/a/b:1@${digest}`)).toMatchObject({
      name: 'ghcr.io/a/b',
      version: digest,
      exact: true,
    });
    expect(imagePackage('localhost:5000/x')).toMatchObject({ name: 'localhost:5000/x', version: undefined });
    expect(nugetPackage('Some.Server@1.2.3')).toMatchObject({ name: 'some.server', exact: true });
    expect(goPackage('example.com/x@v1.2.3')).toMatchObject({ name: 'example.com/x', exact: true });
    expect(goPackage('example.com/x@latest').exact).toBe(false);
  });

  it('what is not exact may be anything that it can come to', () => {
    expect(mayBeWithin(npmPackage('x@^1.0.0'), '>=1.5.0 <2')).toBe(true);
    expect(mayBeWithin(npmPackage('x@^1.0.0'), '>=2')).toBe(false);
    expect(mayBeWithin(npmPackage('x@next'), '>=2')).toBe(true);
    expect(mayBeWithin(npmPackage('x'), '>=2')).toBe(true);
    expect(mayBeWithin(npmPackage('x@1.0.0'), '>=2')).toBe(false);
  });
});

describe('texts', () => {
  it('folds what looks the same, and only that', () => {
    expect(fold('ＮＰＸ\u200b')).toBe('npx');
    expect(fold('githuЬ')).not.toBe('github');
    expect(foldArgument('--f=A\\.\\b\\..\\C')).toBe('--f=a/c');
    expect(foldArgument('/../../etc//passwd')).toBe('/etc/passwd');
    expect(foldArgument('../x')).toBe('../x');
    expect(hidesCharacters('a\tb')).toBe(true);
    expect(hidesCharacters('añb 漢字 “x”')).toBe(false);
    expect(toolSpellings('mcp__github__delete_repo')).toContain('delete_repo');
  });

  it('folding twice is folding once', () => {
    fc.assert(
      fc.property(odd, (text) => {
        expect(foldArgument(foldArgument(text))).toBe(foldArgument(text));
      }),
    );
  });
});

describe('addresses', () => {
  it('have one spelling, which is its own', () => {
    fc.assert(
      fc.property(address, (url) => {
        const once = canonicalUrl(url);
        expect(once).toBeDefined();
        expect(canonicalUrl(once?.href ?? '')?.href).toBe(once?.href);
        expect(once?.host).toBe(new URL(url).hostname.replace(/\.+$/, ''));
      }),
    );
  });

  it('keep an input in the path, and tell one in the host', () => {
    const input = `\${input:id}`;
    expect(canonicalUrl(`https://a.example/${input}/x`)?.href).toBe(`https://a.example/${input}/x`);
    expect(canonicalUrl(`https://${input}.example/`)?.unresolved).toBe(true);
    expect(canonicalUrl(input)?.unresolved).toBe(true);
    expect(canonicalUrl('ftp://a.example/')).toBeUndefined();
    expect(canonicalUrl('https://a.example/\n')).toBeUndefined();
    expect(canonicalUrl('http://[::1]:80/')).toMatchObject({ href: 'http://[::1]/', secure: true });
  });
});

it('reads any command and any arguments', () => {
  fc.assert(
    fc.property(fc.string(), fc.array(odd), (command, args) => {
      expect(readCommand(command, args).programs.length).toBeLessThan(10_000);
    }),
  );
  const nested = `${'sh -c '.repeat(50)}npx evil`;
  expect(readCommand('sh', ['-c', nested]).programs.map(({ base }) => base)).toContain('npx');
});
