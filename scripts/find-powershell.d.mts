/** Full path of pwsh or powershell.exe, null where there is none. */
export function findPowerShell(): string | null;
