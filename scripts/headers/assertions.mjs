// Declarations written as static assertions on Windows' own headers, in C++ 17 with shapes.hpp.

/** An assertion: the expression that must hold, and what is said where it does not. */
const is = (found, wanted, message) => ({ expression: `Is<${found}, ${wanted}>::value`, message });

/** Those on a declaration of src (declarations.mjs). */
export function assertionsOf(declaration) {
  switch (declaration.kind) {
    case 'function': return functionAssertions(declaration);
    case 'structure': return structureAssertions(declaration);
    default: return [...constantAssertions(declaration.name, declaration.value)];
  }
}

function functionAssertions({ name, result, parameters }) {
  const type = `Function<decltype(::${name})>`;
  return [
    is(`${type}::count`, parameters.length, 'the number of parameters'),
    ...typeAssertions(`${type}::ResultType`, result, 'Input', 'the result'),
    ...parameters.flatMap((parameter, index) => typeAssertions(`${type}::Parameter<${index}>`, parameter.type, parameter.direction, `parameter ${index + 1}`)),
  ];
}

/** @param type of koffi; @param direction Input, Output or Input/Output, as koffi says it */
function typeAssertions(found, type, direction, what) {
  const kind = kindOf(type);
  const assertions = [is(`width<${found}>()`, `${type.size}ull`, `the width of ${what}`)];
  // uintptr_t holds an address or a handle, which Windows declares as either.
  if (type.name === 'uintptr_t') assertions.push({ expression: `(kind<${found}>() == Kind::Pointer || kind<${found}>() == Kind::Unsigned)`, message: `${what}: a pointer, a handle, or unsigned` });
  else assertions.push(is(`kind<${found}>()`, `Kind::${kind}`, `${what}: ${kind.toLowerCase()}`));
  if (kind !== 'Pointer' || type.ref === undefined) return assertions;
  if (direction !== 'Input') assertions.push(is(`Written<${found}>::value`, 'true', `${what} is written to`));
  return [...assertions, ...pointedAssertions(`Pointed<${found}>::Type`, type.ref, what)];
}

/** What a pointer points to: one number, or with uint8_t the memory of a structure. */
function pointedAssertions(found, type, what) {
  if (type.primitive === 'Void') return [];
  if (type.name === 'uint8_t') return [{ expression: `(kind<${found}>() == Kind::Structure || width<${found}>() == 1)`, message: `what ${what} points to: bytes` }];
  const kind = kindOf(type);
  const assertions = [is(`width<${found}>()`, `${type.size}ull`, `the width of what ${what} points to`)];
  const allowed = [kind, ...type.name === 'uintptr_t' ? ['Pointer'] : [], ...type.size === 8 ? ['Structure'] : []];
  return [...assertions, { expression: `(${allowed.map((name) => `kind<${found}>() == Kind::${name}`).join(' || ')})`, message: `what ${what} points to: ${kind.toLowerCase()}` }];
}

/** By koffi's names of its types; UInt16S is one whose bytes are swapped. */
function kindOf({ primitive }) {
  if (primitive === 'Void') return 'Void';
  if (/^Int\d+S?$/.test(primitive)) return 'Signed';
  if (/^UInt\d+S?$/.test(primitive)) return 'Unsigned';
  if (['Pointer', 'String', 'String16', 'Callback'].includes(primitive)) return 'Pointer';
  throw new Error(`the ring knows no type of koffi's ${primitive}`);
}

function structureAssertions({ name, size, members }) {
  return [
    is(`sizeof(::${name})`, `${size}ull`, 'its size'),
    ...members.flatMap((member) => [
      is(`__builtin_offsetof(::${name}, ${member.name})`, `${member.offset}ull`, `the offset of ${member.name}`),
      is(`sizeof(((::${name} *)0)->${member.name})`, `${member.size}ull`, `the size of ${member.name}`),
    ]),
  ];
}

function constantAssertions(name, value) {
  return [is(`bits(${name})`, `${BigInt.asUintN(64, value)}ull`, 'its value'), is(`negative(${name})`, value < 0n, 'its sign')];
}

/** Those on a declaration of the simulator's headers (simulator.mjs), which are in the namespace sim. */
export function simulatorAssertionsOf({ kind, name, tag = '', members, parameters }) {
  const same = (what, expression, message) => is(expression(`::${what}`), expression(`sim::${what}`), message);
  const sameType = (of, message) => [
    is(`kind<${of('')}>()`, `kind<${of('sim')}>()`, `${message}: its sign, and whether it is a pointer`),
    is(`width<${of('')}>()`, `width<${of('sim')}>()`, `${message}: its width`),
  ];
  switch (kind) {
    case 'function': {
      const type = (space) => `Function<decltype(${space}::${name})>`;
      return [
        is(`${type('')}::count`, `${type('sim')}::count`, 'the number of parameters'),
        ...sameType((space) => `${type(space)}::ResultType`, 'the result'),
        ...Array.from({ length: parameters }, (_, index) => sameType((space) => `${type(space)}::Parameter<${index}>`, `parameter ${index + 1}`)).flat(),
      ];
    }
    case 'structure':
      return [
        ...sameType((space) => `${tag}${space}::${name}`, name),
        ...members.map((member) => is(`__builtin_offsetof(${tag}::${name}, ${member})`, `__builtin_offsetof(${tag}sim::${name}, ${member})`, `the offset of ${member}`)),
      ];
    case 'type': return sameType((space) => `${space}::${name}`, name);
    case 'enumerator': return [same(name, (spaced) => `bits(${spaced})`, 'its value')];
    // A macro means one thing at a time: that of Windows was kept before the simulator's headers.
    default: return [is(`bits(genuine_${name})`, `bits(${name})`, 'its value'), is(`negative(genuine_${name})`, `negative(${name})`, 'its sign')];
  }
}
