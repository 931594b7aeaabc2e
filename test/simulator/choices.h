/*
 * Where every published source is silent, the simulator had to choose. All its choices are here. None is a promise of
 * Windows: nothing above the simulator may depend on one.
 *
 * | question                                                        | the simulator's answer                          |
 * |-----------------------------------------------------------------|-------------------------------------------------|
 * | bytes returned by acquire, release and associate                | 16, 0 and 0                                     |
 * | code of a bind on an exhausted block (A3)                       | WSAEADDRINUSE                                   |
 * | do blocks of Create... carry `*` in netsh's list (N4)           | no, administered exclusions alone               |
 * | are runtime blocks in netsh's list, and in store=persistent     | yes; no                                         |
 * | does release work while a socket is bound from the block (A11)  | yes, and the socket stays bound                 |
 * | release on another socket of the process that acquired (R4)     | yes, of the same protocol                       |
 * | does a token acquired on AF_INET serve an AF_INET6 socket (A2b) | yes                                             |
 * | a second associate on one unbound socket                        | replaces the first                              |
 * | bind after the associated reservation was deleted or released   | CHOICE_ASSOCIATION_GONE                         |
 * | bind to a port outside the associated block (A2a)               | CHOICE_OUTSIDE_BLOCK                            |
 * | unknown, released, foreign or wrong-protocol token (A5)         | CHOICE_BAD_TOKEN                                |
 * | input buffer too short (A7)                                     | CHOICE_SHORT_INPUT                              |
 * | acquire with 0 ports, or past port 65535                        | WSAEINVAL                                       |
 * | wildcard acquire, bind to port 0: no place left                 | CHOICE_NO_PLACE                                 |
 * | which check comes first                                         | arguments, then elevation, then the block       |
 * | Create... over an exclusion (P6)                                | ERROR_SHARING_VIOLATION                         |
 * | netsh add over a block or over a port in use                    | refused with the text of 32                     |
 * | the store is full: Create...; acquire                           | CHOICE_STORE_FULL; CHOICE_NO_PLACE              |
 * | blocks of other programs at a restart                           | stay                                            |
 * | a completion routine for the three control codes                | CHOICE_COMPLETION_ROUTINE                       |
 * | connect on a socket that is not bound                           | binds first, from the block or by N1            |
 * | WinNAT's blocks at a restart                                    | those that are free, else others of the size    |
 * | a start of winnat: the order of its blocks                      | first those free where they were                |
 * | a block of WinNAT for which there is no place                   | waits for the next start                        |
 * | when do WinNAT's blocks go and come                             | at the end of the pending state                 |
 * | winnat in a status                                              | a driver, without a process; accepts stop       |
 * | other services, the service manager of another machine          | 1060; RPC_S_SERVER_UNAVAILABLE                  |
 * | HcnEnumerate... without Hyper-V's networking                    | CHOICE_NO_HCN                                   |
 * | HcnEnumerate... with nobody to tell of                          | S_OK, 0 and memory to free                      |
 * | one holder of the same ports in both protocols                  | one entry, HCN_PORT_PROTOCOL_BOTH               |
 * | Priority, ReservationType, SharingFlags, DeliveryMode, owner    | 0                                               |
 * | HcnEnumerate... by a caller that is not elevated                | answered like any other                         |
 * | a TCP socket bound, not listening, in GetExtendedTcpTable       | CHOICE_BOUND_STATE in _ALL, not in _LISTENER    |
 * | classes of GetExtended...Table but the three; others, families  | ERROR_NOT_SUPPORTED; ERROR_INVALID_PARAMETER    |
 * | image and times of a process that ended meanwhile               | ERROR_GEN_FAILURE                               |
 * | rights for OpenProcess beyond looking                           | ERROR_NOT_SUPPORTED                             |
 * | the start of a process that is a stand-in                       | CHOICE_STAND_IN_START                           |
 * | EnumServicesStatusExW                                           | the stand-ins' services, not the driver winnat  |
 */
#ifndef PORTSIM_CHOICES_H
#define PORTSIM_CHOICES_H

#define CHOICE_EXHAUSTED_BLOCK WSAEADDRINUSE
#define CHOICE_ASSOCIATION_GONE WSAEACCES
#define CHOICE_OUTSIDE_BLOCK WSAEACCES
#define CHOICE_BAD_TOKEN WSAEINVAL
#define CHOICE_SHORT_INPUT WSAEFAULT
#define CHOICE_NO_PLACE WSAENOBUFS
#define CHOICE_STORE_FULL ERROR_NO_SYSTEM_RESOURCES
#define CHOICE_COMPLETION_ROUTINE WSAEOPNOTSUPP
#define CHOICE_BOUND_STATE MIB_TCP_STATE_CLOSED
#define CHOICE_STAND_IN_START UINT64_C(133801632000000000) /* FILETIME: 2025-01-01 */
#define CHOICE_NO_HCN ((HRESULT)0x80070424u) /* ERROR_SERVICE_DOES_NOT_EXIST */

#endif
