import { spawn } from 'node:child_process';

const FLAGS = ['-fms-extensions', '-fsyntax-only', '-w', '-ferror-limit=0', '-fno-caret-diagnostics', '-fno-color-diagnostics', '-D_WIN32_WINNT=0x0A00', '-DWIN32_LEAN_AND_MEAN'];

/**
 * Reads a C++ or C source from a text, or a C file, with the headers of the SDK.
 *
 * @returns { output, errors: [{ file, line, message }] }; throws if clang itself failed
 */
export async function runClang(sdk, { target }, { text, language = 'c++', extra = [] }) {
  const standard = language === 'c' ? '-std=c11' : '-std=c++17';
  const args = [`--target=${target}`, standard, ...FLAGS, ...sdk.flags, ...extra, '-x', language, '-'];
  const { code, stdout, stderr } = await run('clang', args, text);
  const errors = [...stderr.matchAll(/^(.+?):(\d+):\d+: (?:fatal )?error: (.*)$/gm)].map(([, file, line, message]) => ({ file, line: Number(line), message }));
  if (code !== 0 && errors.length === 0) throw new Error(`clang ended with ${code}: ${stderr.trim().split('\n')[0] ?? ''}`);
  return { output: stdout, errors };
}

/** "14.0.6"; null if there is no clang. */
export async function clangVersion() {
  try {
    const { stdout } = await run('clang', ['--version'], '');
    return /version (\S+)/.exec(stdout)?.[1] ?? 'of unknown version';
  } catch {
    return null;
  }
}

function run(program, args, input) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'] });
    let [stdout, stderr] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text) => (stderr += text));
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code: signal ?? code, stdout, stderr }));
    // A clang that ends early says why itself.
    child.stdin.on('error', () => {}).end(input);
  });
}
