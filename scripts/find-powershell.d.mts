/** Full path of pwsh or powershell.exe, null where there is none. */
export function findPowerShell(): string | null;
/** The environment for another PowerShell: on Windows without PSModulePath. */
export function powerShellEnvironment(env?: NodeJS.ProcessEnv): NodeJS.ProcessEnv;
