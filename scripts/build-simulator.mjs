// Builds the simulator: npm run build:simulator [-- --target win32-x64] [-- --sanitize]
//
// buildSimulator() may run in several processes at once: each builds in a folder of its own and renames what it made into
// place, so that nobody ever sees half a file.
import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rename, stat, utimes } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { basename, join, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import pLimit from 'p-limit';
import { removeFolder } from './remove-folder.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const sourceFolder = join(root, 'test', 'simulator');
const outputFolder = join(root, 'build', 'simulator');

const warnings = ['-std=c11', '-Wall', '-Wextra', '-Werror', '-Wshadow', '-Wstrict-prototypes', '-Wmissing-prototypes'];
export const sanitizeFlags = ['-fsanitize=address,undefined', '-fno-sanitize-recover=all', '-fno-omit-frame-pointer'];

// The files each target has beside those all share. netsh's own are in no library.
const netshSources = ['netsh.c', 'netsh_arguments.c', 'netsh_text.c'];
const posixOnly = (name) => name.endsWith('_posix.c');
const windowsOnly = (name) => name.endsWith('_windows.c');
// What netsh needs of the library: the store and its rules, but none of the exported Windows functions.
const netshShares = ['blocks', 'exclusions', 'messages', 'settings', 'socket_table', 'stand_ins', 'store', 'store_checks', 'winnat',
  'platform_posix', 'network_posix', 'network_options_posix', 'platform_windows', 'network_windows'].map((name) => `${name}.c`);

const targets = {
  linux: {
    library: 'portsim.so',
    netsh: 'netsh',
    compilers: ['cc', 'gcc', 'clang'],
    compile: ['-fPIC', '-fvisibility=hidden', '-pthread', '-D_GNU_SOURCE'],
    // -Bsymbolic: the library's own calls never land in a program that has a function of the same name.
    link: ['-shared', '-Wl,-Bsymbolic', '-Wl,-soname,portsim.so', '-pthread', '-ldl'],
    linkNetsh: ['-pthread', '-ldl'],
    missing: 'install the Debian package gcc (or clang)',
  },
  darwin: {
    library: 'portsim.dylib',
    netsh: 'netsh',
    compilers: ['cc', 'clang', 'gcc'],
    compile: ['-fPIC', '-fvisibility=hidden', '-D_DARWIN_C_SOURCE'],
    link: ['-dynamiclib', '-install_name', '@rpath/portsim.dylib'],
    linkNetsh: [],
    missing: 'install the Xcode command line tools (xcode-select --install)',
  },
  win32: {
    library: 'portsim.dll',
    importLibrary: 'libportsim.a',
    netsh: 'netsh.exe',
    compilers: process.platform === 'win32' ? ['x86_64-w64-mingw32-gcc', 'gcc'] : ['x86_64-w64-mingw32-gcc'],
    // The SDK's INET_PORT_RESERVATION_INSTANCE has unnamed members.
    compile: ['-D_WIN32_WINNT=0x0A00', '-fms-extensions'],
    link: ['-shared', '-static-libgcc'],
    // It is started with pipes, and without the conhost.exe that each console program costs: half of its time under Wine.
    linkNetsh: ['-static-libgcc', '-mwindows'],
    missing: 'install the Debian package gcc-mingw-w64-x86-64',
  },
};

function targetOf(target = `${process.platform}-${process.arch}`) {
  const [platform, arch] = target.split('-');
  const found = targets[platform];
  if (found === undefined || (platform === 'win32' && arch !== 'x64')) {
    throw new Error(`The simulator has no target ${target}: it knows linux, darwin and win32-x64.`);
  }
  return { ...found, platform };
}

/** Runs a program; resolves with its output, rejects with what it printed. */
export function run(command, commandArguments, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, commandArguments, { stdio: ['ignore', 'pipe', 'pipe'], ...options });
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text) => (output += text));
    child.stderr.setEncoding('utf8').on('data', (text) => (output += text));
    child.on('error', reject);
    child.on('close', (code, signal) => {
      if (code === 0) return resolve(output);
      const failure = new Error(`${basename(command)} ended with ${signal ?? code}:\n${output}`);
      reject(Object.assign(failure, { output, exitCode: code }));
    });
  });
}

/** The first compiler that runs. Throws one sentence saying what to install when there is none. */
export async function findCompiler(target) {
  const { compilers, missing } = targetOf(target);
  for (const compiler of compilers) {
    try {
      await run(compiler, ['--version']);
      return compiler;
    } catch {
      // Not this one.
    }
  }
  throw new Error(`No C compiler for the simulator was found (tried ${compilers.join(', ')}): ${missing}.`);
}

async function modified(file) {
  try {
    const { mtimeMs } = await stat(file);
    return mtimeMs;
  } catch {
    return 0;
  }
}

async function newestSource(sources) {
  const headers = await readdir(join(sourceFolder, 'include'));
  const files = [
    fileURLToPath(import.meta.url),
    ...sources.map((name) => join(sourceFolder, name)),
    ...headers.map((name) => join(sourceFolder, 'include', name)),
  ];
  return Math.max(...await Promise.all(files.map((file) => modified(file))));
}

async function compileAll(compiler, target, sources, flags, folder) {
  // Off Windows our own headers stand in for the SDK's.
  const include = target.platform === 'win32' ? [] : ['-I', join(sourceFolder, 'include')];
  await pLimit(availableParallelism()).map(sources, (name) => run(compiler, [
    ...warnings, ...target.compile, ...flags, ...include, '-c', join(sourceFolder, name), '-o', join(folder, `${name}.o`),
  ]));
}

async function buildIn(folder, compiler, target, sources, flags) {
  const windows = target.platform === 'win32';
  const objects = (names) => names.map((name) => join(folder, `${name}.o`));
  const librarySources = sources.filter((name) => !netshSources.includes(name));
  const libraryLink = windows
    ? [join(sourceFolder, 'portsim.def'), `-Wl,--out-implib,${join(folder, target.importLibrary)}`]
    : [];
  await compileAll(compiler, target, sources, flags, folder);
  await run(compiler, [...flags, ...objects(librarySources), ...libraryLink, ...target.link, '-o', join(folder, target.library)]);
  const netshParts = [...netshSources, ...librarySources.filter((name) => netshShares.includes(name))];
  await run(compiler, [...flags, ...objects(netshParts), ...target.linkNetsh, '-o', join(folder, target.netsh)]);
}

/**
 * Builds the simulator where it is older than its sources.
 * `target` is like "win32-x64", by default this system; `sanitize` builds with ASan and UBSan into a folder of its own.
 * Resolves with the paths of the library, of netsh and, for Windows, of the import library.
 */
export async function buildSimulator({ target: targetName, sanitize = false, quiet = false } = {}) {
  const target = targetOf(targetName);
  const destination = sanitize ? join(outputFolder, 'sanitized') : outputFolder;
  const outputs = { library: join(destination, target.library), netsh: join(destination, target.netsh) };
  if (target.importLibrary !== undefined) outputs.importLibrary = join(destination, target.importLibrary);
  const allSources = await readdir(sourceFolder);
  const unwanted = target.platform === 'win32' ? posixOnly : windowsOnly;
  const sources = allSources.filter((name) => name.endsWith('.c') && !unwanted(name));
  const watched = allSources.filter((name) => /\.(c|h|def)$/.test(name));
  const started = new Date();
  const oldestOutput = Math.min(...await Promise.all(Object.values(outputs).map((file) => modified(file))));
  if (oldestOutput > await newestSource(watched)) return outputs;

  const compiler = await findCompiler(targetName);
  await mkdir(destination, { recursive: true });
  const folder = await mkdtemp(join(destination, '.building-'));
  try {
    const flags = sanitize ? ['-O1', '-g', ...sanitizeFlags] : ['-O2'];
    await buildIn(folder, compiler, target, sources, flags);
    for (const output of Object.values(outputs)) {
      const made = join(folder, basename(output));
      // A source that changed while we compiled is newer than what we made of it.
      await utimes(made, started, started);
      await rename(made, output);
    }
  } finally {
    // A compiler may still write into it when another one has failed.
    await removeFolder(folder);
  }
  if (!quiet) console.log(`Built ${Object.values(outputs).map((file) => relative(process.cwd(), file)).join(', ')} with ${compiler}`);
  return outputs;
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const index = process.argv.indexOf('--target');
  try {
    await buildSimulator({ target: index === -1 ? undefined : process.argv[index + 1], sanitize: process.argv.includes('--sanitize') });
  } catch (error) {
    console.error(error.message);
    process.exitCode = 1;
  }
}
