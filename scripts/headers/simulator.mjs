// What the simulator's headers and portsim.def say about Windows.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Macros of the simulator's headers that are no values: how a function is called, and other names of types and members. */
const NO_VALUES = ['WSAAPI', 'WINAPI', 'u_long', 's_addr'];

export function simulatorHeaders(root) {
  const folder = join(root, 'test', 'simulator', 'include');
  // winsock2.h first: each of the others includes it.
  const names = readdirSync(folder).sort((left, right) => Number(right === 'winsock2.h') - Number(left === 'winsock2.h'));
  return names.map((name) => ({ name, path: join(folder, name), file: `test/simulator/include/${name}` }));
}

/**
 * @param tree clang's JSON of a source that includes all of the headers in the namespace sim
 * @returns declarations { kind: 'function'|'structure'|'type'|'enumerator'|'macro', name, file, line, ... }
 */
export function readSimulatorHeaders(headers, tree) {
  const places = placesOf(tree);
  const declarations = headers.flatMap(({ path, file }) => readMacros(path, file));
  const files = new Map(headers.map(({ path, file }) => [path, file]));
  for (const namespace of tree.inner.filter(({ kind, name }) => kind === 'NamespaceDecl' && name === 'sim')) {
    for (const [index, node] of namespace.inner.entries()) {
      const { file: path } = places.get(node) ?? {};
      // `typedef struct { ... } NAME`: the name is in the next node.
      const found = node.isImplicit ? [] : read(node, namespace.inner[index + 1]);
      if (files.has(path)) declarations.push(...found.map(({ at = node, ...one }) => ({ ...one, simulator: true, file: files.get(path), line: places.get(at).line })));
    }
  }
  return declarations;
}

function read(node, next) {
  switch (node.kind) {
    case 'FunctionDecl': return [{ kind: 'function', name: node.name, parameters: (node.inner ?? []).filter(({ kind }) => kind === 'ParmVarDecl').length }];
    case 'TypedefDecl': return [{ kind: 'type', name: node.name }];
    case 'EnumDecl': return node.inner.filter(({ kind }) => kind === 'EnumConstantDecl').map((at) => ({ kind: 'enumerator', name: at.name, at }));
    case 'CXXRecordDecl': {
      if (!node.completeDefinition) return [];
      const named = node.name === undefined ? { name: next.name } : { name: node.name, tag: `${node.tagUsed} ` };
      return [{ kind: 'structure', ...named, members: membersOf(node) }];
    }
    default: return [];
  }
}

/** The names of all members, and of those in members without a name. */
function membersOf(record) {
  return record.inner.flatMap((node, index) => {
    if (node.kind === 'FieldDecl') return node.name === undefined ? [] : [node.name];
    const field = record.inner[index + 1];
    return node.kind === 'CXXRecordDecl' && node.name === undefined && field?.kind === 'FieldDecl' && field.name === undefined ? membersOf(node) : [];
  });
}

function readMacros(path, file) {
  return readFileSync(path, 'utf8').split('\n').flatMap((text, index) => {
    const [, name] = /^#define (\w+) .+$/.exec(text) ?? [];
    return name === undefined || name.startsWith('PORTSIM_') || NO_VALUES.includes(name) ? [] : [{ kind: 'macro', simulator: true, name, file, line: index + 1 }];
  });
}

/** Where each node stands. clang leaves out a file or line that is the same as that of the location written before. */
function placesOf(tree) {
  const places = new Map();
  let [file, line] = [];
  const locate = (location) => {
    if (location === undefined) return undefined;
    if (location.spellingLoc !== undefined) {
      locate(location.spellingLoc);
      return locate(location.expansionLoc);
    }
    file = location.file ?? file;
    line = location.line ?? line;
    return location.offset === undefined ? undefined : { file, line };
  };
  const visit = (node) => {
    places.set(node, locate(node.loc));
    locate(node.range?.begin);
    locate(node.range?.end);
    for (const inner of node.inner ?? []) visit(inner);
  };
  visit(tree);
  return places;
}

/** What portsim.def exports, beside the simulator's own functions: { name, internal, ordinal, file, line }. */
export function readExports(root) {
  const file = 'test/simulator/portsim.def';
  return readFileSync(join(root, file), 'utf8').split('\n').flatMap((text, index) => {
    const [, name, internal = name, ordinal] = /^ +(\w+)(?: = (\w+))?(?: @(\d+))?$/.exec(text) ?? [];
    return name === undefined || name.startsWith('portsim_') ? [] : [{ kind: 'export', name, internal, ordinal: ordinal === undefined ? null : Number(ordinal), file, line: index + 1 }];
  });
}

/** The simulator's sources that see a header of Windows, and are in the Windows build. */
export function windowsSources(root) {
  const folder = join(root, 'test', 'simulator');
  return readdirSync(folder).filter((name) => name.endsWith('.c') && !name.endsWith('_posix.c'))
    .map((name) => ({ name, path: join(folder, name), file: `test/simulator/${name}`, text: readFileSync(join(folder, name), 'utf8') }))
    .filter(({ text }) => /#include [<"](windows_names|windows|winsock2)\.h[>"]/.test(text));
}
