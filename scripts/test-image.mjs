// Runs the build commands of deploy/Dockerfile in plain directories, and then what the image would run, as a user who can
// write to the data directory only. The base image, its system and the limits of a container are not in this test.
import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expectAnswer, serveOnce } from './serve-once.mjs';

const folder = mkdtempSync(path.join(tmpdir(), 'tutti-image-'));
chmodSync(folder, 0o711);
const place = (name) => path.join(folder, name);
// Root becomes nobody, as an account that exists: initdb looks its name up. Anybody else stays who he is.
const user = process.getuid() === 0 ? { uid: 65534, gid: 65534 } : {};
try {
  copyTree(place('src'));
  mkdirSync(place('tmp'));
  for (const { directory, command } of buildCommands()) {
    mkdirSync(directory, { recursive: true });
    console.log(`— ${command}`);
    execFileSync('sh', ['-c', command], { cwd: directory, stdio: 'inherit' });
  }
  execFileSync('chmod', ['-R', 'a-w,a+rX', place('opt')]);
  makeDataDirectory();
  await serve();
  console.log('What the image holds serves as an ordinary user and writes to its data directory only.');
} finally {
  execFileSync('chmod', ['-R', 'u+w', folder]);
  rmSync(folder, { recursive: true, force: true });
}

/** What `COPY . .` would bring: the files of the repository, without what is made from them. */
function copyTree(target) {
  const files = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    maxBuffer: 2 ** 26,
  });
  for (const file of files.toString().split('\0').filter(Boolean)) {
    if (existsSync(file)) cpSync(file, path.join(target, file));
  }
}

/** The RUN commands of the first stage, with their directories, all below our folder. */
function buildCommands() {
  const [, stage] = readFileSync('deploy/Dockerfile', 'utf8').split(/^FROM .*$/m);
  const lines = stage
    .replace(/^#.*\n/gm, '')
    .replace(/\\\n/g, ' ')
    .split('\n');
  const here = (text) => text.replace(/(?<=^|[\s=])\/(?=(src|opt|tmp)\b)/g, `${folder}/`);
  let directory = folder;
  return lines.flatMap((line) => {
    const [, word, rest] = /^(WORKDIR|RUN) +(.+)$/.exec(line) ?? [];
    if (word === 'WORKDIR') directory = here(rest);
    return word === 'RUN' ? [{ directory, command: here(rest) }] : [];
  });
}

function makeDataDirectory() {
  mkdirSync(place('data'), { mode: 0o700 });
  if (user.uid) chownSync(place('data'), user.uid, user.gid);
}

/** The image's ENTRYPOINT, CMD, health check and stop signal. */
function serve() {
  const options = {
    ...user,
    cwd: place('data'),
    env: { PATH: process.env.PATH, NODE_ENV: 'production', HOME: place('data'), TUTTI_DATA_DIR: place('data') },
  };
  return serveOnce(place('opt/tutti/node_modules/.bin/tutti'), [], options, (url) => {
    const token = readFileSync(place('data/admin.token'), 'utf8').trim();
    const headers = { authorization: `Bearer ${token}` };
    return expectAnswer(`${url}/tools/list_capabilities`, { method: 'POST', headers, body: '{}' });
  });
}
