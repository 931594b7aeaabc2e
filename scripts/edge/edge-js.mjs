// edge-js for the tests, in the cache: npm runs no script of it, and on Linux its native half is compiled here, once.
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { cacheFolder } from '../cache-folder.mjs';
import { installNode, testedVersions } from '../install-node.mjs';
import { installPackages } from '../npm-packages.mjs';
import { putInPlace } from '../put-in-place.mjs';

const packages = JSON.parse(readFileSync(new URL('packages.json', import.meta.url), 'utf8'));
const NATIVE = join('build', 'Release', 'edge_coreclr.node');

/** What a test needs is not here: it is skipped, and says this. */
export class NotInstalled extends Error {}

export const edgeJsVersion = packages['edge-js'].version;

/**
 * Installs edge-js, unless it is there.
 *
 * @param platform `linux` is for the major version of this Node.js, `win32` for every one that edge-js knows
 * @returns the folder of the package; throws NotInstalled with one sentence that says what is missing
 */
export function installEdgeJs(platform = process.platform) {
  if (!['linux', 'win32'].includes(platform) || process.arch !== 'x64') throw new NotInstalled(`edge-js is not tried on ${platform} for ${process.arch}`);
  const major = process.versions.node.split('.')[0];
  const folder = cacheFolder(`edge-js-${edgeJsVersion}-${platform}${platform === 'linux' ? `-node-${major}` : ''}`);
  const installed = join(folder, 'node_modules', 'edge-js');
  if (existsSync(folder)) return installed;

  // Made aside and put in place at once: several tests may begin together.
  mkdirSync(dirname(folder), { recursive: true });
  const aside = mkdtempSync(`${folder}-`);
  try {
    orNotInstalled(() => installPackages(aside, packages, ['edge-js', 'nan']));
    if (platform === 'win32') copyRuntime(join(aside, 'node_modules', 'edge-js'));
    else compile(join(aside, 'node_modules'), major);
    putInPlace(aside, folder);
  } finally {
    rmSync(aside, { recursive: true, force: true });
  }
  return installed;
}

/** As the package's own install script does: the VC++ runtime beside each binary. */
function copyRuntime(edgeJs) {
  const folder = join(edgeJs, 'lib', 'native', 'win32', 'x64');
  const entries = readdirSync(folder, { withFileTypes: true });
  for (const { name: major } of entries.filter((entry) => entry.isDirectory())) {
    for (const { name } of entries.filter((entry) => entry.isFile())) copyFileSync(join(folder, name), join(folder, major, name));
  }
}

function compile(modules, major) {
  const edgeJs = join(modules, 'edge-js');
  const version = testedVersions.find((candidate) => candidate.split('.')[0] === major);
  if (version === undefined) throw new NotInstalled(`node-versions.json has no Node.js ${major}, whose headers edge-js is compiled with`);
  const headers = join(dirname(orNotInstalled(() => installNode(version))), '..', 'include', 'node');
  // The sources are those of its binding.gyp, without node-gyp, which would need Python and make.
  const [target] = /'target_name': 'edge_coreclr'[^]*?'target_name'/.exec(readFileSync(join(edgeJs, 'binding.gyp'), 'utf8'));
  const sources = target.match(/src\/[\w/.]+\.cpp/g).filter((name) => !name.includes('windows'));
  mkdirSync(dirname(join(edgeJs, NATIVE)), { recursive: true });
  const { error, status, stderr } = spawnSync('c++', [
    '-std=c++20', '-O1', '-w', '-fPIC', '-shared', '-pthread', '-DHAVE_CORECLR', '-D_NO_ASYNCRTIMP', '-DNODE_GYP_MODULE_NAME=edge_coreclr',
    '-I', headers, '-I', join(modules, 'nan'), '-I', 'src/CoreCLREmbedding/json/casablanca/include', ...sources, '-o', NATIVE, '-ldl',
  ], { cwd: edgeJs, encoding: 'utf8' });
  if (error) throw new NotInstalled('there is no C++ compiler (Debian: g++)');
  if (status !== 0) throw new Error(`edge-js does not compile: ${stderr}`);
}

/** Gives what `install` gives; what it throws becomes NotInstalled. */
export function orNotInstalled(install) {
  try {
    return install();
  } catch (error) {
    throw new NotInstalled(error.message, { cause: error });
  }
}
