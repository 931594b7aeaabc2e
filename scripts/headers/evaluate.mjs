// Works out the constants of TypeScript sources without running them: prototypes, types of koffi and numbers, as far as they
// are put together from literals, constants, and parameters of functions that are called with such.
import koffi from 'koffi';
import ts from 'typescript';

export class Evaluator {
  #checker;
  #calls = new Map();

  /** @param program all sources, so that every call of a function is among them */
  constructor(program) {
    this.#checker = program.getTypeChecker();
    for (const file of program.getSourceFiles()) {
      forEachNode(file, (node) => {
        if (!ts.isCallExpression(node) || !ts.isIdentifier(node.expression)) return;
        const symbol = this.symbolOf(node.expression);
        this.#calls.set(symbol, [...this.#calls.get(symbol) ?? [], node]);
      });
    }
  }

  /** What a name stands for, also through an import. */
  symbolOf(identifier) {
    const symbol = ts.isShorthandPropertyAssignment(identifier.parent) ? this.#checker.getShorthandAssignmentValueSymbol(identifier.parent)
      : this.#checker.getSymbolAtLocation(identifier);
    return symbol !== undefined && (symbol.flags & ts.SymbolFlags.Alias) !== 0 ? this.#checker.getAliasedSymbol(symbol) : symbol;
  }

  /** The arguments that a parameter is given, by every call. */
  argumentsOf(parameter) {
    const { parent } = parameter;
    const name = parent.name ?? (ts.isVariableDeclaration(parent.parent) ? parent.parent.name : undefined);
    const calls = name === undefined ? [] : this.#calls.get(this.symbolOf(name)) ?? [];
    return calls.map((call) => call.arguments[parent.parameters.indexOf(parameter)]).filter((argument) => argument !== undefined);
  }

  /** Every value that an expression may have; throws if one cannot be worked out. */
  valuesOf(node, given = new Map()) {
    const all = (inner) => this.valuesOf(inner, given);
    if (ts.isParenthesizedExpression(node) || ts.isAsExpression(node) || ts.isSatisfiesExpression(node) || ts.isNonNullExpression(node)) return all(node.expression);
    if (ts.isStringLiteralLike(node)) return [node.text];
    if (ts.isNumericLiteral(node)) return [Number(node.text)];
    if (ts.isBigIntLiteral(node)) return [BigInt(node.text.slice(0, -1))];
    if (node.kind === ts.SyntaxKind.NullKeyword) return [null];
    if (ts.isPrefixUnaryExpression(node)) return all(node.operand).map((value) => unary(node.operator, value));
    if (ts.isBinaryExpression(node)) return product([all(node.left), all(node.right)]).map(([left, right]) => binary(node.operatorToken.kind, left, right));
    if (ts.isTemplateExpression(node)) {
      return product(node.templateSpans.map((span) => all(span.expression)))
        .map((values) => node.head.text + values.map((value, index) => value + node.templateSpans[index].literal.text).join(''));
    }
    if (ts.isArrayLiteralExpression(node)) return product(node.elements.map(all));
    if (ts.isObjectLiteralExpression(node)) {
      return product(node.properties.map((property) => this.#entriesOf(property, given))).map((parts) => Object.assign({}, ...parts));
    }
    if (ts.isIdentifier(node)) return this.#valuesOfName(node, given);
    if (ts.isCallExpression(node)) return this.#valuesOfCall(node, given);
    throw unreadable(node);
  }

  /** What one property adds to an object: an object of one member, or with `...` of several. */
  #entriesOf(property, given) {
    if (ts.isSpreadAssignment(property)) return this.valuesOf(property.expression, given);
    if (!ts.isPropertyAssignment(property) && !ts.isShorthandPropertyAssignment(property)) throw unreadable(property);
    const value = ts.isPropertyAssignment(property) ? property.initializer : property.name;
    return this.valuesOf(value, given).map((one) => ({ [property.name.text]: one }));
  }

  #valuesOfName(node, given) {
    const declaration = this.symbolOf(node)?.valueDeclaration;
    if (given.has(declaration)) return given.get(declaration);
    if (declaration !== undefined && ts.isVariableDeclaration(declaration) && declaration.initializer !== undefined) return this.valuesOf(declaration.initializer, given);
    if (declaration !== undefined && ts.isParameter(declaration)) {
      const values = this.argumentsOf(declaration).flatMap((argument) => this.valuesOf(argument));
      if (values.length > 0) return values;
    }
    throw unreadable(node);
  }

  #valuesOfCall(node, given) {
    const values = node.arguments.map((argument) => this.valuesOf(argument, given));
    const callee = node.expression;
    if (ts.isPropertyAccessExpression(callee) && ts.isIdentifier(callee.expression) && callee.expression.text === 'koffi') {
      return product(values).map((args) => koffi[callee.name.text](...args));
    }
    const declaration = ts.isIdentifier(callee) ? this.symbolOf(callee)?.valueDeclaration : undefined;
    const called = declaration !== undefined && ts.isVariableDeclaration(declaration) ? declaration.initializer : declaration;
    if (called === undefined || !ts.isArrowFunction(called) || ts.isBlock(called.body)) throw unreadable(node);
    return this.valuesOf(called.body, new Map([...given, ...called.parameters.map((parameter, index) => [parameter, values[index]])]));
  }
}

export function forEachNode(node, visit) {
  visit(node);
  ts.forEachChild(node, (child) => forEachNode(child, visit));
}

function product(lists) {
  return lists.reduce((rows, list) => rows.flatMap((row) => list.map((value) => [...row, value])), [[]]);
}

function unary(operator, value) {
  if (operator === ts.SyntaxKind.MinusToken) return -value;
  if (operator === ts.SyntaxKind.TildeToken) return ~value;
  return value;
}

function binary(operator, left, right) {
  switch (operator) {
    case ts.SyntaxKind.PlusToken: return left + right;
    case ts.SyntaxKind.MinusToken: return left - right;
    case ts.SyntaxKind.AsteriskToken: return left * right;
    case ts.SyntaxKind.BarToken: return left | right;
    case ts.SyntaxKind.LessThanLessThanToken: return left << right;
    default: throw new Error(`no operator ${ts.tokenToString(operator)} is known`);
  }
}

function unreadable(node) {
  return new Error(`"${node.getText().replace(/\s+/g, ' ').slice(0, 60)}" cannot be worked out from the source`);
}
