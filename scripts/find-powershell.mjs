import { accessSync, constants } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';

/**
 * The PowerShell to use: pwsh, or powershell.exe on Windows; null where there is none. Searches the absolute folders of
 * PATH as a shell does, but never the current one. For tests and the demo: nothing that runs elevated is found this way.
 */
export function findPowerShell() {
  const names = process.platform === 'win32' ? ['pwsh.exe', 'powershell.exe'] : ['pwsh'];
  const folders = (process.env.PATH ?? '').split(delimiter).filter((folder) => isAbsolute(folder));
  for (const name of names) {
    for (const folder of folders) {
      const path = join(folder, name);
      try {
        accessSync(path, constants.X_OK);
        return path;
      } catch {
        // Not in this folder.
      }
    }
  }
  return null;
}

/**
 * The environment for a PowerShell that is not the one which may have started this program: PowerShell 7 hands the folders of its own
 * modules on, and Windows PowerShell cannot load those. Without the variable each has its own.
 */
export function powerShellEnvironment(env = process.env) {
  return process.platform === 'win32' ? Object.fromEntries(Object.entries(env).filter(([name]) => name.toLowerCase() !== 'psmodulepath')) : env;
}
