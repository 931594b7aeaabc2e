// What src says about Windows: the functions it calls and the DLL each is loaded from, its structures, and its constants. It is
// read from the sources, so that a new one is checked without anybody thinking of it.
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import koffi from 'koffi';
import ts from 'typescript';
import { Evaluator, forEachNode } from './evaluate.mjs';

/** Numbers in src/win32 that are this project's own, and in no header of Windows. */
const OWN = ['UNIX_EPOCH', 'LARGEST_CONFIG', 'LARGEST_LIST', 'FIRST_ROW', 'QUOTED'];

/**
 * @param root the folder of the project
 * @returns declarations { kind: 'function'|'structure'|'constant', name, file, line, ... } and what could not be read, as
 *   { file, line, message }
 */
export function readDeclarations(root) {
  const program = programOf(root);
  const reader = new Reader(root, new Evaluator(program));
  for (const file of program.getSourceFiles()) forEachNode(file, (node) => reader.visit(node));
  return { declarations: reader.declarations, unread: reader.unread };
}

class Reader {
  declarations = [];
  unread = [];
  #root;
  #evaluator;

  constructor(root, evaluator) {
    this.#root = root;
    this.#evaluator = evaluator;
  }

  visit(node) {
    const place = placeOf(this.#root, node);
    try {
      this.declarations.push(...this.#read(node, place.file.startsWith('src/win32/')).map((found) => ({ ...found, ...place })));
    } catch (error) {
      this.unread.push({ ...place, message: error.message });
    }
  }

  #read(node, isWin32) {
    if (ts.isCallExpression(node) && ts.isPropertyAccessExpression(node.expression)) {
      if (node.expression.name.text === 'func') return this.#functions(node);
      if (node.expression.getText() === 'koffi.array') return this.#memory(node);
      if (/^koffi\.(struct|pack|union)$/.test(node.expression.getText())) return [this.#structure(node)];
    }
    if (ts.isVariableDeclaration(node) && ts.isIdentifier(node.name) && node.initializer !== undefined
      && (isConstantName(node.name.text) || (isWin32 && ts.isVariableStatement(node.parent.parent) && ts.isSourceFile(node.parent.parent.parent)))) {
      return this.#constants(node, isWin32);
    }
    if (ts.isPropertyAssignment(node) && ts.isIdentifier(node.name) && isConstantName(node.name.text)) return this.#constants(node, isWin32);
    return [];
  }

  #functions(node) {
    const opening = this.#openingOf(node.expression.expression);
    if (opening === null) return [];
    return this.#evaluator.valuesOf(node.arguments[0]).filter((prototype) => !/\bportsim_\w+\s*\(/.test(prototype)).map((prototype) => {
      // koffi keeps named prototypes for ever, and refuses a second one of the same name.
      const [, name] = /(\w+)\s*\(/.exec(prototype);
      if (prototype.includes('...') || /\b(long|wchar_t)\b/.test(prototype)) throw new Error(`${name}: only fixed parameters of fixed width are the same on every system`);
      const { result, arguments: parameters } = koffi.proto(prototype.replace(/\w+\s*\(/, '(')).proto;
      const dlls = [...new Set(this.#dllsOf(opening))];
      if (dlls.length !== 1) throw new Error(`${name}: it is loaded from ${dlls.length === 0 ? 'no DLL that the source names' : dlls.join(' and ')}`);
      return { kind: 'function', name, dll: dlls[0], result, parameters };
    });
  }

  /** The call of openLibrary behind an expression; null if it is something else, such as koffi's own library. */
  #openingOf(node) {
    if (ts.isCallExpression(node) && ts.isIdentifier(node.expression) && node.expression.text === 'openLibrary') return node;
    const declaration = ts.isIdentifier(node) ? this.#evaluator.symbolOf(node)?.valueDeclaration : undefined;
    if (declaration !== undefined && ts.isVariableDeclaration(declaration) && declaration.initializer !== undefined) return this.#openingOf(declaration.initializer);
    if (declaration !== undefined && ts.isParameter(declaration)) return this.#evaluator.argumentsOf(declaration).map((argument) => this.#openingOf(argument))[0] ?? null;
    return null;
  }

  /** The DLLs that an expression for a path may mean: `x.dll`, or a member of NativeLibraries. */
  #dllsOf(opening) {
    const visit = (node) => {
      if (ts.isStringLiteralLike(node)) return node.text.endsWith('.dll') ? [node.text.toLowerCase()] : [];
      if (ts.isCallExpression(node)) return node.arguments.flatMap(visit);
      if (ts.isPropertyAccessExpression(node)) return membersOf(this.#evaluator.symbolOf(node.name)).flatMap(visit);
      const declaration = ts.isIdentifier(node) ? this.#evaluator.symbolOf(node)?.valueDeclaration : undefined;
      if (declaration !== undefined && ts.isParameter(declaration)) return this.#evaluator.argumentsOf(declaration).flatMap(visit);
      return [];
    };
    return opening.arguments.flatMap(visit);
  }

  #structure(node) {
    const { parent } = node;
    if (!ts.isVariableDeclaration(parent) || !ts.isIdentifier(parent.name)) throw new Error('a structure needs a constant with the name that Windows gives it');
    const [type] = this.#evaluator.valuesOf(node);
    const members = Object.values(type.members).map((member) => ({ name: member.name, offset: member.offset, size: koffi.sizeof(member.type) }));
    return { kind: 'structure', name: parent.name.text, size: koffi.sizeof(type), members };
  }

  /** A structure of which only the size is known: `const WSADATA = koffi.array('uint8_t', 408)`. */
  #memory({ parent, arguments: [element, size] }) {
    if (element.text !== 'uint8_t' || !ts.isVariableDeclaration(parent) || !isConstantName(parent.name.text)) return [];
    return [{ kind: 'structure', name: parent.name.text, size: this.#evaluator.valuesOf(size)[0], members: [] }];
  }

  #constants(node, isWin32) {
    const name = node.name.text;
    if (OWN.includes(name)) return [];
    let value;
    try {
      [value] = this.#evaluator.valuesOf(node.initializer);
    } catch {
      return [];
    }
    // codes.ts: [number, name of the code in Node.js].
    if (Array.isArray(value) && ts.isPropertyAssignment(node)) [value] = value;
    return typeof value === 'bigint' || Number.isInteger(value) ? [{ kind: 'constant', name, value: BigInt(value), mayBeOwn: !isWin32 }] : [];
  }
}

/** What objects of the member's interface have for it: `{ iphlpapi: join(system32, 'iphlpapi.dll') }`. */
function membersOf(symbol) {
  const owner = symbol?.valueDeclaration?.parent;
  if (owner === undefined || !ts.isInterfaceDeclaration(owner)) return [];
  const found = [];
  forEachNode(owner.getSourceFile(), (node) => {
    if (!ts.isVariableDeclaration(node) || node.type?.getText() !== owner.name.text || !ts.isObjectLiteralExpression(node.initializer)) return;
    const property = node.initializer.properties.find(({ name }) => name?.getText() === symbol.name);
    if (property !== undefined && ts.isPropertyAssignment(property)) found.push(property.initializer);
  });
  return found;
}

function isConstantName(name) {
  return /^[A-Z][A-Z0-9]*(_[A-Za-z0-9]+)*$/.test(name);
}

function placeOf(root, node) {
  const source = node.getSourceFile();
  return { file: relative(root, source.fileName).split(sep).join('/'), line: source.getLineAndCharacterOfPosition(node.getStart()).line + 1 };
}

function programOf(root) {
  const folder = join(root, 'src');
  const files = readdirSync(folder, { recursive: true }).filter((name) => name.endsWith('.ts')).map((name) => join(folder, name));
  // Without the types of libraries, which tell nothing about constants.
  const options = { noLib: true, types: [], target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.NodeNext, moduleResolution: ts.ModuleResolutionKind.NodeNext };
  const host = ts.createCompilerHost(options);
  host.resolveModuleNameLiterals = (literals, containing) => literals.map(({ text }) => ({ resolvedModule: text.startsWith('.')
    ? { resolvedFileName: join(containing, '..', text.replace(/\.js$/, '.ts')), extension: '.ts' } : undefined }));
  host.getSourceFile = (name, version) => ts.createSourceFile(name, readFileSync(name, 'utf8'), version, true);
  return ts.createProgram(files, options, host);
}
