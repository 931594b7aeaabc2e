import yargs from 'yargs';
import type { CommandModule } from 'yargs';

const SHELLS = ['bash', 'zsh', 'powershell'] as const;
type Shell = (typeof SHELLS)[number];

/** Asks the command itself what fits, as yargs' scripts for the other shells do. */
const POWERSHELL = `# Completion of port-reservation. For your profile:
#   port-reservation completion powershell | Out-String | Invoke-Expression
Register-ArgumentCompleter -Native -CommandName 'port-reservation', 'port-reservation.ps1', 'port-reservation.cmd' -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)
    $words = @($commandAst.CommandElements | Select-Object -Skip 1 | Where-Object { $_.Extent.StartOffset -lt $cursorPosition } | ForEach-Object { "$_" })
    if ($wordToComplete -eq '') { $words += '' }
    foreach ($line in & $commandAst.GetCommandName() --get-yargs-completions port-reservation @words) {
        # Behind the colon is what zsh shows.
        $name = ($line -split ':')[0]
        if ($name -ne '' -and $name.StartsWith("$wordToComplete")) { [System.Management.Automation.CompletionResult]::new($name, $name, 'ParameterValue', $name) }
    }
}
`;

export const completionCommand: CommandModule<object, { shell: Shell }> = {
  builder: (command) => command.positional('shell', {
    choices: SHELLS, default: ownShell(), defaultDescription: 'the one that runs this, as far as it can be told', describe: 'For which shell',
  }),
  handler: ({ shell }) => {
    if (shell === 'powershell') return void process.stdout.write(POWERSHELL);
    // yargs tells bash and zsh apart by these variables.
    delete process.env['ZSH_NAME'];
    process.env['SHELL'] = `/bin/${shell}`;
    yargs().scriptName('port-reservation').showCompletionScript();
  },
};

function ownShell(): Shell {
  if (process.platform === 'win32') return 'powershell';
  return /zsh/.test(process.env['SHELL'] ?? '') || process.env['ZSH_NAME'] !== undefined ? 'zsh' : 'bash';
}
