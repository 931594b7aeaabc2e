/** Builds the simulator where it is older than its sources, and gives the paths of its library and its netsh. */
export function buildSimulator(options?: { target?: string; sanitize?: boolean; quiet?: boolean }):
  Promise<{ library: string; netsh: string }>;
/** The first C compiler for a target that runs; an error says what to install. */
export function findCompiler(target?: string): Promise<string>;
