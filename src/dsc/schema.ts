import { LAST_PORT, PROTOCOLS, STORES } from '../blocks.js';
import { LASTING_KINDS } from '../desired-state/desired.js';

const port = { type: 'integer', minimum: 1, maximum: LAST_PORT } as const;

const exist = {
  type: 'boolean', default: true, title: 'Instance should exist',
  description: 'Whether the block shall be there: a reservation of exactly these ports, or an exclusion that contains them. false removes exactly this block.',
} as const;
const inDesiredState = { type: ['boolean', 'null'], readOnly: true, title: 'Instance is in the desired state' } as const;
const restartWinNat = {
  type: 'boolean', default: false,
  description: 'Whether the service winnat may be stopped and started again for blocks that only it may hold.',
} as const;
/** What DSC adds for its own use. */
const metadata = { type: 'object' } as const;

const block = {
  protocol: { type: 'string', enum: PROTOCOLS, description: 'TCP and UDP are separate.' },
  startPort: { ...port, description: 'The first port.' },
  numberOfPorts: { ...port, default: 1, description: 'How many ports. No block runs past port 65535.' },
  kind: {
    type: 'string', enum: LASTING_KINDS, default: 'persistent',
    description: 'persistent: only associated sockets get its ports; exclusion: Windows assigns them to nobody, and a program may bind them by number.',
  },
  store: { type: 'string', enum: STORES, default: 'persistent', description: 'For an exclusion: whether it survives a restart.' },
  _exist: exist,
} as const;

const required = ['protocol', 'startPort'];

/** The JSON schema of an instance of each resource: what DSC validates every input and answer with. */
export const SCHEMAS = {
  Reservation: {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'PortReservation/Reservation', type: 'object', additionalProperties: false, required,
    properties: { ...block, restartWinNat, _inDesiredState: inDesiredState, _metadata: metadata },
  },
  ReservationList: {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'PortReservation/ReservationList', type: 'object', additionalProperties: false, required: ['reservations'],
    properties: {
      reservations: {
        type: 'array', description: 'The blocks. Those that shall be there may not overlap.',
        items: { type: 'object', additionalProperties: false, required, properties: block },
      },
      _purge: {
        type: 'boolean', default: false, writeOnly: true,
        description: 'Whether blocks that are not listed are removed. Reaches only blocks that lie in one of the ranges of within.',
      },
      within: {
        type: 'array', items: { type: 'string', pattern: '^((tcp|udp):)?[0-9]{1,5}(-[0-9]{1,5})?$' },
        description: 'Ports that belong to this list alone, such as 20000-39999 or udp:5000-5999. Needed for _purge.',
      },
      restartWinNat, _inDesiredState: inDesiredState, _metadata: metadata,
    },
  },
} as const;

/** The resources, as their types end. */
export type ResourceName = keyof typeof SCHEMAS;
export const RESOURCE_NAMES = Object.keys(SCHEMAS) as ResourceName[];
