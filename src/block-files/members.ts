import { meantBy } from '../util/misspelt.js';

/** Names that a member may have, in lower case and without blanks, underscores and hyphens -> its name in `list --json`. */
const MEMBERS: Readonly<Record<string, string>> = {
  protocol: 'protocol', startport: 'startPort', start: 'startPort', port: 'startPort', localport: 'startPort', endport: 'endPort', end: 'endPort',
  numberofports: 'numberOfPorts', count: 'numberOfPorts', ports: 'numberOfPorts', kind: 'kind', store: 'store', token: 'token',
  addressfamily: 'addressFamily', owningprocess: 'owningProcess', created: 'created',
};
/** Words that are not accepted, but that people write for a member: an error suggests the right one. */
const OTHER_WORDS: Readonly<Record<string, string>> = {
  type: 'kind', proto: 'protocol', family: 'addressFamily',
  num: 'numberOfPorts', numports: 'numberOfPorts', portcount: 'numberOfPorts', size: 'numberOfPorts', length: 'numberOfPorts', amount: 'numberOfPorts',
  first: 'startPort', firstport: 'startPort', begin: 'startPort', from: 'startPort', fromport: 'startPort', portnumber: 'startPort',
  range: 'startPort', portrange: 'startPort',
  last: 'endPort', lastport: 'endPort', to: 'endPort', toport: 'endPort',
};
/** Members that describe a block. A plural of these is a misspelling as well. */
const DESCRIBING = ['startPort', 'endPort', 'numberOfPorts', 'protocol', 'kind', 'store', 'addressFamily'];
/** Those for which a similar name is a misspelling. Not the short ones, because an object may well have a Mind or a Score. */
const LONG = DESCRIBING.filter((member) => member !== 'kind' && member !== 'store');

/** The member that a name stands for, however people write it: `Start Port`, `number-of-ports`, `END`. */
export function memberNamed(name: string): string | undefined {
  const plain = plainOf(name);
  return Object.hasOwn(MEMBERS, plain) ? MEMBERS[plain] : undefined;
}

/** The member that was probably meant by a name that stands for none: another word for it, or a misspelling. */
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
