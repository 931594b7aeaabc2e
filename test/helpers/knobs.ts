/** What the simulator's knobs take and give. */

/** As `IPPROTO_TCP` and `IPPROTO_UDP`. */
export const TCP = 6;
export const UDP = 17;

/** States of the service winnat: the first three can be set. */
export const WINNAT = { absent: 0, stopped: 1, running: 2, stopping: 3, starting: 4 } as const;

/** For the delay of control codes: one completes only by being cancelled. */
export const NEVER = 0xffff_ffff;

/** For the delay of the service winnat, longer than any test: it comes to its next state when the test lets it. */
export const LONG = 3_600_000;

/** MIB_TCP_STATE_... for a port of a stand-in. */
export const TCP_STATE = { listen: 2, established: 5, timeWait: 11 } as const;
