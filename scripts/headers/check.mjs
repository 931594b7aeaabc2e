// Compares what src and the simulator say about Windows with the headers and import libraries of the SDK, for one processor.
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pLimit from 'p-limit';
import { assertionsOf, simulatorAssertionsOf } from './assertions.mjs';
import { runClang } from './clang.mjs';
import { readImportLibrary } from './import-library.mjs';
import { readDeclarations } from './declarations.mjs';
import { readExports, readSimulatorHeaders, simulatorHeaders, windowsSources } from './simulator.mjs';

const SHAPES = fileURLToPath(new URL('shapes.hpp', import.meta.url));
/** As those who call these functions include them. */
const HEADERS = ['winsock2.h', 'ws2tcpip.h', 'mstcpip.h', 'iphlpapi.h', 'windows.h', 'computenetwork.h', 'winsvc.h'];
/** What the simulator's headers include, which no namespace may hold. */
const OUTSIDE = ['#include <stdarg.h>', '#include <stdint.h>', '#include <sys/types.h>'];
/** The file that the compiler names, with a line for each declaration. */
const DECLARATION = 'declaration';

/**
 * Checks everything that a project says.
 *
 * @param root its folder
 * @returns [{ declaration: { kind, name, file, line, simulator }, faults: [message] }]; `simulator` is true for its headers
 */
export async function checkProject(sdk, architecture, root) {
  const { declarations, unread } = readDeclarations(root);
  const headers = simulatorHeaders(root);
  const exported = readExports(root);
  return [
    ...unread.map(({ message, ...place }) => ({ declaration: { kind: 'unread', name: 'a declaration', ...place }, faults: [message] })),
    ...await checkDeclarations(sdk, architecture, declarations, await readSimulator(sdk, architecture, headers), headers),
    ...checkImports(sdk, architecture, declarations, exported),
    ...await checkSources(sdk, architecture, windowsSources(root), exported),
  ];
}

/** What the simulator's headers say, as clang reads them. */
async function readSimulator(sdk, architecture, headers) {
  const text = [...OUTSIDE, ...includeInNamespace(headers)].join('\n');
  const { output, errors } = await runClang(sdk, architecture, { text, extra: ['-Xclang', '-ast-dump=json'] });
  if (errors.length > 0) throw new Error(`clang cannot read the simulator's headers: ${errors[0].file}:${errors[0].line}: ${errors[0].message}`);
  return readSimulatorHeaders(headers, JSON.parse(output));
}

/**
 * Checks the declarations of src (`own`) and of the simulator's headers (`simulator`).
 *
 * @returns for each of them { declaration, faults: [message] }, without numbers that are in no header and need not be
 */
async function checkDeclarations(sdk, architecture, own, simulator, headers) {
  const all = [...own, ...simulator];
  const assert = (declaration, index, assertions) => assertions.map(({ expression, message }) => (
    `#line ${index + 1} "${DECLARATION}"\nstatic_assert(${expression}, ${JSON.stringify(message)});`));
  const text = [
    ...HEADERS.map((name) => `#include <${name}>`), ...OUTSIDE, `#include "${SHAPES}"`, 'using namespace shapes;',
    ...own.flatMap((declaration, index) => {
      const assertions = assert(declaration, index, assertionsOf(declaration));
      return declaration.mayBeOwn ? [`#ifdef ${declaration.name}`, ...assertions, '#else', `#line ${index + 1} "${DECLARATION}"`, '#error own', '#endif'] : assertions;
    }),
    ...simulator.flatMap(({ kind, name }, index) => (kind === 'macro' ? [`#line ${own.length + index + 1} "${DECLARATION}"\nconstexpr auto genuine_${name} = ${name};`] : [])),
    ...includeInNamespace(headers),
    ...simulator.flatMap((declaration, index) => assert(declaration, own.length + index, simulatorAssertionsOf(declaration))),
  ].join('\n');
  const { errors } = await runClang(sdk, architecture, { text });
  const faults = all.map(() => []);
  for (const { file, line, message } of errors) {
    if (file !== DECLARATION) throw new Error(`clang cannot read the headers: ${file}:${line}: ${message}`);
    faults[line - 1].push(readable(message));
  }
  return all.map((declaration, index) => ({ declaration, faults: [...new Set(faults[index])] }))
    .filter(({ declaration, faults: found }) => !(declaration.mayBeOwn && found.includes('own')));
}

/**
 * "static_assert failed due to requirement 'Is<4ULL, 2ULL>::value' "the width"", or since clang 16 "static assertion failed due to
 * requirement 'Is<4ULL, 2ULL>::value': the width": the width: 4 in Windows' headers, 2 here.
 */
function readable(message) {
  const [, text] = /^static.assert(?:ion)? failed(.*)$/.exec(message) ?? [];
  if (text === undefined) return message;
  const [, said] = /(?:: | ")([^"]+?)"?$/.exec(text) ?? [];
  const [, found, wanted] = /'(?:\w+::)*Is<(.*), (.*)>::value'/.exec(text) ?? [];
  const tidy = (value) => value.replace(/(?:\w+::)*Kind::|ULL$/gi, '').toLowerCase();
  return found === undefined ? said ?? message : `${said}: ${tidy(found)} in Windows' headers, ${tidy(wanted)} here`;
}

/** The simulator's headers beside those of Windows: the same names, in a namespace of their own. */
function includeInNamespace(headers) {
  return ['namespace sim {', ...headers.map(({ path }) => `#include "${path}"`), '}'];
}

/**
 * Checks that each function of src is in the import library of the DLL that it is loaded from, and each export of portsim.def in
 * one of these, with its ordinal where the library has no name for it.
 */
function checkImports(sdk, architecture, own, exported) {
  const functions = own.filter(({ kind }) => kind === 'function');
  const libraries = new Map([...new Set(functions.map(({ dll }) => dll))].map((dll) => [dll, readImportLibrary(sdk.importLibrary(dll, architecture), architecture.machine)]));
  return [
    ...functions.map((declaration) => {
      const { name, dll } = declaration;
      const place = libraries.get(dll).get(name);
      const others = [...libraries].filter(([, imports]) => imports.has(name)).map(([other]) => other);
      const faults = place === undefined ? [`the import library of ${dll} does not have it${others.length > 0 ? `, that of ${others.join(' and ')} does` : ''}`]
        : place.dll !== dll ? [`the import library says ${place.dll}`] : [];
      return { declaration: { ...declaration, kind: 'import' }, faults };
    }),
    ...exported.map((declaration) => {
      const { name, ordinal } = declaration;
      const place = [...libraries.values()].map((imports) => imports.get(name)).find((found) => found !== undefined);
      const faults = place === undefined ? ['no import library has it']
        : place.ordinal !== ordinal ? [`Windows' ordinal is ${place.ordinal ?? 'not fixed'}, here it is ${ordinal ?? 'not fixed'}`] : [];
      return { declaration, faults };
    }),
  ];
}

/**
 * Reads each Windows source of the simulator with Windows' own headers, which refuse a definition that differs. The functions
 * that portsim.def renames, and those that it passes on to, must have the types of the genuine ones.
 */
function checkSources(sdk, architecture, sources, exported) {
  return pLimit(availableParallelism()).map(sources, (source) => checkSource(sdk, architecture, source, exported));
}

async function checkSource(sdk, architecture, { path, file, name, text }, exported) {
  const same = (left, right, what) => `_Static_assert(__builtin_types_compatible_p(__typeof__(${left}), __typeof__(${right})), "${what} has another type than Windows'");`;
  const renamed = exported.filter((one) => one.internal !== one.name && text.includes(`${one.internal}(`)).map((one) => same(one.internal, one.name, one.internal));
  const header = text.includes('"network_windows.h"') ? readFileSync(join(dirname(path), 'network_windows.h'), 'utf8') : '';
  const passedOn = [...header.matchAll(/\(WSAAPI \*(\w+)\)/g)].map(([, member]) => same(`((genuine_winsock_t *)0)->${member}`, `&${member}`, `genuine_winsock_t.${member}`));
  const { errors } = await runClang(sdk, architecture, { text: [`#include "${path}"`, ...renamed, ...passedOn].join('\n'), language: 'c' });
  return { declaration: { kind: 'source', name, file, line: errors[0]?.file === path ? errors[0].line : 1 }, faults: errors.map(({ message }) => readable(message)) };
}
