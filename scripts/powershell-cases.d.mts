export interface CaseOutcome {
  readonly name: string;
  readonly outcome: 'ok' | 'failed' | 'skipped';
  readonly message: string;
  readonly ms: number;
}

/** The names of all cases, in the order in which they run. */
export function powerShellCaseNames(): string[];

/** Runs the cases of test/powershell; resolves when all have ended. */
export function runPowerShellCases(options: {
  powershell: string;
  /** Path of PortReservation.psd1, of a clone or of a package. */
  module: string;
  /** Path of the simulator's library; a .dll off Windows means a PowerShell for Windows under Wine. */
  simulator: string;
  /** Default: the Node.js of the package, else this one. */
  node?: string;
  filter?: string;
  onOutcome: (outcome: CaseOutcome) => void;
}): Promise<{ code: number | string | null; noise: string }>;
