import { createRequire } from 'node:module';
import { join } from 'node:path';
import { publishAssembly } from '../../scripts/edge/assemblies.mjs';
import { installEdgeJs, NotInstalled } from '../../scripts/edge/edge-js.mjs';
import { useCoreClr } from '../../src/edge.js';
import type { EdgeJs } from '../../src/edge.js';

export interface Clr {
  /** The folder of the package edge-js. */
  readonly edgeJs: string;
  /** The folder with the assembly. */
  readonly folder: string;
  readonly assemblyFile: string;
}

/** edge-js and an assembly for it; or the sentence that says what is missing here. */
export function findClr(name: 'EchoServer' | 'Oracle'): Clr | string {
  try {
    const edgeJs = installEdgeJs();
    const folder = publishAssembly(name, edgeJs);
    return { edgeJs, folder, assemblyFile: join(folder, `${name}.dll`) };
  } catch (error) {
    if (!(error instanceof NotInstalled)) throw error;
    return error.message;
  }
}

/** Loads edge-js with the assembly's .NET, once in a process. */
export function loadEdgeJs({ edgeJs, folder }: Clr): EdgeJs {
  useCoreClr(folder);
  return createRequire(import.meta.url)(edgeJs) as EdgeJs;
}
