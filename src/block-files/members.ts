/** Member of a block, in lower case and without blanks, underscores and hyphens -> its name in `list --json`. */
const MEMBERS: Readonly<Record<string, string>> = {
  protocol: 'protocol', startport: 'startPort', start: 'startPort', port: 'startPort', localport: 'startPort', endport: 'endPort', end: 'endPort',
  numberofports: 'numberOfPorts', count: 'numberOfPorts', ports: 'numberOfPorts', kind: 'kind', store: 'store', token: 'token',
  addressfamily: 'addressFamily', owningprocess: 'owningProcess', created: 'created',
};
/** Other words for them, which people write. */
const OTHER_WORDS: Readonly<Record<string, string>> = {
  type: 'kind', proto: 'protocol', family: 'addressFamily',
  num: 'numberOfPorts', numports: 'numberOfPorts', portcount: 'numberOfPorts', size: 'numberOfPorts', length: 'numberOfPorts', amount: 'numberOfPorts',
  first: 'startPort', firstport: 'startPort', begin: 'startPort', from: 'startPort', fromport: 'startPort', portnumber: 'startPort', range: 'startPort', portrange: 'startPort',
  last: 'endPort', lastport: 'endPort', to: 'endPort', toport: 'endPort',
};
/** Those that describe a block, and may be misspelt. */
const DESCRIBING = ['startPort', 'endPort', 'numberOfPorts', 'protocol', 'kind', 'store', 'addressFamily'];
/** A shorter word is soon another one. */
const LEAST_TO_GUESS = 7;
const MOST_MISTAKES = 2;

/** The member that a column or a member of an object is, as people write it: `Start Port`, `number-of-ports`, `END`. */
export function memberNamed(name: string): string | undefined {
  const plain = plainOf(name);
  return Object.hasOwn(MEMBERS, plain) ? MEMBERS[plain] : undefined;
}

/** The member that a name is for which is none itself: another word for it, or misspelt. */
export function memberMeantBy(name: string): string | undefined {
  const plain = plainOf(name);
  if (Object.hasOwn(MEMBERS, plain)) return undefined;
  if (Object.hasOwn(OTHER_WORDS, plain)) return OTHER_WORDS[plain];
  const withoutPlural = (word: string) => word.replace(/s+$/, '');
  return DESCRIBING.find((member) => {
    const right = member.toLowerCase();
    return withoutPlural(plain) === withoutPlural(right) || right.length >= LEAST_TO_GUESS && mistakesBetween(plain, right) <= MOST_MISTAKES;
  });
}

function plainOf(name: string): string {
  return name.toLowerCase().replace(/[\s_-]/g, '');
}

/** How many letters must be put in, left out or changed to make one word of the other. */
function mistakesBetween(one: string, other: string): number {
  if (Math.abs(one.length - other.length) > MOST_MISTAKES) return MOST_MISTAKES + 1;
  let before = Array.from({ length: other.length + 1 }, (_, column) => column);
  for (let row = 1; row <= one.length; row++) {
    const now = [row];
    for (let column = 1; column <= other.length; column++) {
      const changed = (before[column - 1] ?? 0) + Number(one[row - 1] !== other[column - 1]);
      now.push(Math.min(changed, 1 + Math.min(before[column] ?? 0, now[column - 1] ?? 0)));
    }
    before = now;
  }
  return before[other.length] ?? 0;
}
