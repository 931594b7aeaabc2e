import { meantBy } from '../misspelt.js';

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
  first: 'startPort', firstport: 'startPort', begin: 'startPort', from: 'startPort', fromport: 'startPort', portnumber: 'startPort',
  range: 'startPort', portrange: 'startPort',
  last: 'endPort', lastport: 'endPort', to: 'endPort', toport: 'endPort',
};
/** Those that describe a block, and may be in the plural. */
const DESCRIBING = ['startPort', 'endPort', 'numberOfPorts', 'protocol', 'kind', 'store', 'addressFamily'];
/** Those of them that a misspelt name may mean. Not the short ones: an object may well have a Mind or a Score. */
const LONG = DESCRIBING.filter((member) => member !== 'kind' && member !== 'store');

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
  return DESCRIBING.find((member) => withoutPlural(plain) === withoutPlural(member.toLowerCase())) ?? meantBy(plain, LONG);
}

function plainOf(name: string): string {
  return name.toLowerCase().replace(/[\s_-]/g, '');
}
