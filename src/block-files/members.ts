import { closestMatch } from 'leven';

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
  const plural = DESCRIBING.find((member) => withoutPlural(plain) === withoutPlural(member.toLowerCase()));
  if (plural !== undefined) return plural;
  const close = closestMatch(plain, DESCRIBING.map((member) => member.toLowerCase()).filter((member) => member.length >= LEAST_TO_GUESS), { maxDistance: MOST_MISTAKES });
  return DESCRIBING.find((member) => member.toLowerCase() === close);
}

function plainOf(name: string): string {
  return name.toLowerCase().replace(/[\s_-]/g, '');
}
