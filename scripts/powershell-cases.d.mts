export interface CaseOutcome {
  /** Its blocks' names and its own, with dots between them, and with the values of its row. */
  readonly name: string;
  /** The same without the values, as a filter sees it. */
  readonly fullName: string;
  readonly outcome: 'ok' | 'failed' | 'skipped';
  readonly message: string;
  readonly ms: number;
}

/** The exit code of a run that finds no Pester. */
export const NO_PESTER: number;

/** The files of tests, which are counted where no PowerShell can say how many tests are in them. */
export function powerShellTestFiles(): string[];

/** Runs the tests of test/powershell; resolves when all have ended. */
export function runPowerShellCases(options: {
  powershell: string;
  /** Path of PortReservation.psd1, of a clone or of a package. */
  module: string;
  /** Path of the simulator's library; a .dll off Windows means a PowerShell for Windows under Wine. */
  simulator: string;
  /** Default: the Node.js of the package, else this one. */
  node?: string;
  filter?: string;
  tags?: string[];
  onDiscovered?: (names: string[]) => void;
  onOutcome: (outcome: CaseOutcome) => void;
}): Promise<{ code: number | string | null; noise: string }>;
