// Signatures of files (Authenticode): by PowerShell on Windows, by osslsigncode elsewhere (Debian: osslsigncode, 2.8 or later).
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { powerShellEnvironment } from '../find-powershell.mjs';
import { removeFolder } from '../remove-folder.mjs';
import { isImage, isSigned } from './authenticode.mjs';

const SCRIPTS = ['.ps1', '.psm1', '.psd1', '.ps1xml'];

/** Whether a signature can be put into the file, and none is there: node.exe keeps that of its makers. */
export function isSignable(file) {
  if (SCRIPTS.includes(extname(file))) return true;
  const bytes = readFileSync(file);
  return isImage(bytes) && !isSigned(bytes);
}

/**
 * @param files paths; of installers too
 * @param signer { certificate, passwordFile, timestamp }: the certificate with its key (.pfx), a file that holds the password of the key, and the
 *   address of a service that notes the time (RFC 3161), without which the signatures end with the certificate; the last two may be undefined
 */
export async function signFiles(files, signer) {
  for (const file of [signer.certificate, signer.passwordFile]) if (file !== undefined && !existsSync(file)) throw new Error(`there is no file ${file}`);
  if (process.platform === 'win32') return signOnWindows(files, signer);
  const temporary = mkdtempSync(join(tmpdir(), 'port-reservation-sign-'));
  try {
    for (const file of files) {
      const signed = join(temporary, `signed${extname(file)}`);
      run('osslsigncode', ['sign', '-pkcs12', signer.certificate, ...(signer.passwordFile ? ['-readpass', signer.passwordFile] : []),
        '-h', 'sha256', '-n', 'PortReservation', ...(signer.timestamp ? ['-ts', signer.timestamp] : []), '-in', file, '-out', signed], file);
      // Not renamed: the temporary folder may be on another disk. What is there is not overwritten.
      copyFileSync(signed, file);
      rmSync(signed);
    }
  } finally {
    await removeFolder(temporary);
  }
}

/** Why there is no catalog: a signed list of hashes of all files, for those into which no signature can be put. `null` where there is one. */
export function whyNoCatalog() {
  return process.platform === 'win32' ? null : 'New-FileCatalog makes it, which only Windows has';
}

/** Puts NAME.cat into the folder, over all that is in it: the name by which Install-Module looks for the catalog of a module. */
export function addCatalog(folder, name, signer) {
  const catalog = join(folder, `${name}.cat`);
  runOnWindows('catalog.ps1', ['-Folder', folder, '-Catalog', catalog], folder);
  signOnWindows([catalog], signer);
}

function signOnWindows(files, { certificate, passwordFile = '', timestamp = '' }) {
  runOnWindows('sign.ps1', ['-Certificate', certificate, '-SecretFile', passwordFile, '-Timestamp', timestamp], 'the files', files.join('\n'));
}

function runOnWindows(script, args, what, input) {
  const powershell = join(process.env.SystemRoot, 'System32', 'WindowsPowerShell', 'v1.0', 'powershell.exe');
  run(powershell, ['-NoProfile', '-NonInteractive', '-ExecutionPolicy', 'Bypass', '-File', fileURLToPath(new URL(script, import.meta.url)), ...args], what, input);
}

function run(program, args, what, input = '') {
  const { status, error, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8', input, env: powerShellEnvironment() });
  if (error) throw new Error(`${program} is not installed`);
  if (status !== 0) throw new Error(`${program} did not sign ${what}: ${stdout}${stderr}`);
}
