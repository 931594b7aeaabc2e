/** A module for --import: a signal comes in the moment when the process has opened a file below the folder, and written nothing to it. */
export function signalAtOpen(folder: string, signal: NodeJS.Signals): string {
  const module = `import fs from 'node:fs'; import { syncBuiltinESMExports } from 'node:module';
    const { openSync } = fs; fs.openSync = (path, ...others) => { const file = openSync(path, ...others);
    if (String(path).startsWith(${JSON.stringify(folder)})) process.kill(process.pid, '${signal}'); return file; }; syncBuiltinESMExports();`;
  return `data:text/javascript,${encodeURIComponent(module)}`;
}
