// Fetches and compiles edge-js and the assemblies for it, which takes minutes where it was never done; the tests then only use them.
// Exit code 77: something is missing that it needs, and the last line says what.
import { SKIPPED } from '../counts.mjs';
import { projects, publishAssembly } from './assemblies.mjs';
import { installEdgeJs, NotInstalled } from './edge-js.mjs';

try {
  const edgeJs = installEdgeJs();
  for (const name of Object.keys(projects)) publishAssembly(name, edgeJs);
} catch (error) {
  console.log(error.message);
  process.exitCode = error instanceof NotInstalled ? SKIPPED : 1;
}
