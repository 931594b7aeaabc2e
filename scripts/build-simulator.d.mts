/** Builds the simulator where it is older than its sources, and gives the paths of its library and its netsh. */
export function buildSimulator(options?: { target?: string; sanitize?: boolean; quiet?: boolean }):
  Promise<{ library: string; netsh: string }>;
