import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { powerShellEnvironment } from '../../scripts/find-powershell.mjs';
import { removeFolder } from '../../scripts/remove-folder.mjs';
import { powershell, powershellTest } from '../helpers/powershell.js';
import { contentsOf, makeRelease } from '../helpers/release.js';

const { stdout: version, error: missing } = spawnSync('osslsigncode', ['--version'], { encoding: 'utf8' });
const [, major, minor] = /(\d+)\.(\d+)/.exec(version ?? '') ?? [];
const reason = process.platform === 'win32' ? 'this test signs by osslsigncode'
  : missing ? 'osslsigncode is not installed (Debian: apt-get install osslsigncode)'
    // The first that signs scripts.
    : Number(major) * 100 + Number(minor) < 208 ? `osslsigncode ${major}.${minor} is older than 2.8` : null;
if (reason !== null) console.error(`\nSKIPPED: the signatures of the package: ${reason}\n`);

(reason === null ? test : test.skip)('--sign signs every file that can be signed, and changes no hash by which Windows knows an image', async (t) => {
  t.timeout(300_000);
  const folder = mkdtempSync(join(tmpdir(), 'port-reservation-signed-'));
  const [key, certificate, pfx, password] = ['key.pem', 'certificate.pem', 'both.pfx', 'password.txt'].map((name) => join(folder, name)) as [string, string, string, string];
  writeFileSync(password, 'of the test');
  openssl(['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', key, '-out', certificate, '-days', '2', '-subj', '/CN=Test of PortReservation',
    '-addext', 'extendedKeyUsage=codeSigning', '-addext', 'keyUsage=digitalSignature', '-addext', 'basicConstraints=critical,CA:false']);
  openssl(['pkcs12', '-export', '-inkey', key, '-in', certificate, '-out', pfx, '-passout', `file:${password}`]);
  const signed = makeRelease('UTC', ['--sign', pfx, '--password-file', password]);
  const plain = makeRelease();
  t.teardown(async () => {
    await Promise.all([signed.dispose(), plain.dispose(), removeFolder(folder)]);
  });

  /** Whether the file is as it was signed; its text tells the hash that was found. */
  const verify = (file: string) => {
    const { status, stdout } = spawnSync('osslsigncode', ['verify', '-CAfile', certificate, '-in', file], { encoding: 'utf8' });
    return { ok: status === 0 && stdout.includes('Signature verification: ok'), stdout };
  };
  const files = contentsOf(signed.module);
  const signable = [...files.keys()].filter((name) => /\.(ps1|psm1|psd1|ps1xml|node)$/.test(name));
  const installers = readdirSync(signed.folder).filter((name) => name.endsWith('.msi'));
  t.is(installers.length, signed.lacking === '' ? 1 : 0);
  t.true(signable.length > 10);
  const paths = [...signable.map((name) => join(signed.module, name)), ...installers.map((name) => join(signed.folder, name))];
  t.deepEqual(paths.filter((path) => !verify(path).ok), []);

  t.regex(signed.said, /no catalog, so the JavaScript is under no signature: .*only Windows/);
  t.is(plain.said.includes('catalog'), false);

  const components = (release: typeof plain) => (JSON.parse(readFileSync(join(release.module, 'components.json'), 'utf8')) as
    { files: Record<string, { sha256: string; authenticodeSha256?: string }> }).files;
  const images = Object.entries(components(signed)).filter(([, { authenticodeSha256 }]) => authenticodeSha256 !== undefined);
  t.true(images.length > 0);
  for (const [name, { sha256, authenticodeSha256 = '' }] of images) {
    t.is(components(plain)[name]?.authenticodeSha256, authenticodeSha256, name);
    t.not(components(plain)[name]?.sha256, sha256, name);
    t.regex(verify(join(signed.module, name)).stdout, new RegExp(`Calculated message digest *: ${authenticodeSha256}`, 'i'), name);
  }

  const script = join(signed.module, 'PortReservation.psm1');
  writeFileSync(script, readFileSync(script, 'utf8').replace('function', 'Function'));
  t.false(verify(script).ok, 'a changed file is found');
});

const scriptPolicy = ['-NoProfile', '-NonInteractive', ...process.platform === 'win32' ? ['-ExecutionPolicy', 'Bypass'] : []];
powershellTest('the script that signs on Windows')('on Windows each file that it is given is signed, or it fails', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'port-reservation-signing-'));
  t.teardown(() => removeFolder(folder));
  const [key, certificate, pfx] = ['key.pem', 'certificate.pem', 'both.pfx'].map((name) => join(folder, name)) as [string, string, string];
  openssl(['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', key, '-out', certificate, '-days', '2', '-subj', '/CN=Test of PortReservation']);
  openssl(['pkcs12', '-export', '-inkey', key, '-in', certificate, '-out', pfx, '-passout', 'pass:']);
  const sign = (input: string) => spawnSync(powershell, [...scriptPolicy, '-File', 'scripts/package/sign.ps1', '-Certificate', pfx, '-SecretFile', '', '-Timestamp', ''],
    { encoding: 'utf8', input, env: powerShellEnvironment() });
  t.is(sign('').status, 0);
  // There is no such file, and off Windows no such command.
  const { status, stderr } = sign(`${join(folder, 'none.ps1')}\n`);
  t.is(status, 1, stderr);
  t.regex(stderr, /Set-AuthenticodeSignature/);
});

function openssl(args: string[]): void {
  const { status, error, stderr } = spawnSync('openssl', args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`openssl: ${error?.message ?? stderr}`);
}
