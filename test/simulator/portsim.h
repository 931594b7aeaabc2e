/*
 * The simulator's own controls: what a test says to it beside the Windows API.
 *
 * Everything here is prefixed portsim_ and plain C with fixed-width types, so that a foreign function interface can bind
 * it from one line. Unless a comment says otherwise a function returns 0 or a Win32 error code: 87 for an argument out of
 * range, 32 for a block that overlaps another, 1168 for one that is not there, 8 for a full store, or why the store could
 * not be opened. Ports and counts are in host byte order. A protocol is 6 (TCP) or 17 (UDP).
 *
 * Settings live in the store, so every process that uses it sees them. These environment variables override them for one
 * process: PORTSIM_STATE, PORTSIM_ELEVATED (0 or 1), PORTSIM_DELAY_MS (a number, or "never"), PORTSIM_UNSUPPORTED (0 or
 * 1), PORTSIM_LANGUAGE.
 *
 * All functions may be called from any thread.
 */
#ifndef PORTSIM_H
#define PORTSIM_H

#include <stdint.h>

#ifdef _WIN32
#define PORTSIM_CONTROL
#else
#define PORTSIM_CONTROL __attribute__((visibility("default")))
#endif

#ifdef __cplusplus
extern "C" {
#endif

#define PORTSIM_TCP 6u
#define PORTSIM_UDP 17u

/* For portsim_add_system_block: WinNAT's blocks come and go with the service winnat. */
#define PORTSIM_KIND_OTHER 0u
#define PORTSIM_KIND_WINNAT 1u

/* What portsim_winnat_state answers; the first three are also for portsim_set_winnat. */
#define PORTSIM_WINNAT_ABSENT 0u
#define PORTSIM_WINNAT_STOPPED 1u
#define PORTSIM_WINNAT_RUNNING 2u
#define PORTSIM_WINNAT_STOPPING 3u
#define PORTSIM_WINNAT_STARTING 4u

/* What portsim_open answers for a file that is not a whole store of this version: ERROR_FILE_CORRUPT. */
#define PORTSIM_ERROR_NOT_A_STORE 1392u
/* For portsim_set_delay: a control code that completes only by being cancelled. */
#define PORTSIM_DELAY_NEVER 0xFFFFFFFFu
#define PORTSIM_MAXIMUM_DELAY_MS 86400000u

/* For portsim_add_exclusion: netsh's store=active ends at a restart, store=persistent does not. */
#define PORTSIM_STORE_ACTIVE 0u
#define PORTSIM_STORE_PERSISTENT 1u

/* "portsim <version>": lets a caller tell the simulator from a genuine DLL. Never NULL. */
PORTSIM_CONTROL const char *portsim_version(void);

/*
 * Opens the store file, made when it does not exist; NULL means PORTSIM_STATE or the default in the temp folder. Opening
 * the store that is open already changes nothing. Another one is refused with 32 until portsim_close: whoever opened
 * the first would go on in the other. (One that no portsim_open asked for gives way.) A file that is not a store is
 * refused and left as it is. A store that is damaged or removed while it is open stays closed: every call fails with
 * PORTSIM_ERROR_NOT_A_STORE until portsim_open or portsim_close.
 */
PORTSIM_CONTROL uint32_t portsim_open(const char *utf8_path);

/* Closes the store. The runtime reservations of this process end; its sockets stay open. The next call opens it anew. */
PORTSIM_CONTROL uint32_t portsim_close(void);

/* One English sentence on why the last open in this thread failed; "" when it did not. Valid until the thread's next open. */
PORTSIM_CONTROL const char *portsim_open_error(void);

/* Empties the store and puts every setting back to its default. Tokens given before are still never given again. */
PORTSIM_CONTROL uint32_t portsim_reset(void);

/* A restart of Windows (P2): new tokens, no runtime block, no exclusion of store=active. */
PORTSIM_CONTROL uint32_t portsim_restart(void);

/* Whether callers are elevated administrators (P8, A4). Default: yes. */
PORTSIM_CONTROL uint32_t portsim_set_elevated(uint32_t elevated);
/* 1 or 0 as this process is seen, its environment included. */
PORTSIM_CONTROL uint32_t portsim_is_elevated(void);

/*
 * Blocks of other programs: in netsh's list, and refused to everyone (N2). The kind says whose: PORTSIM_KIND_WINNAT is
 * WinNAT's, in force while the service winnat runs (N9) and remembered while it does not; PORTSIM_KIND_OTHER is anybody's
 * and always in force. To remove a block its kind need not be known.
 */
PORTSIM_CONTROL uint32_t portsim_add_system_block(uint32_t protocol, uint32_t start, uint32_t count, uint32_t kind);
PORTSIM_CONTROL uint32_t portsim_remove_system_block(uint32_t protocol, uint32_t start, uint32_t count);

/* Administered exclusions as netsh makes them (N3), but with no check for elevation or for a port in use. */
PORTSIM_CONTROL uint32_t portsim_add_exclusion(uint32_t protocol, uint32_t start, uint32_t count, uint32_t store);
PORTSIM_CONTROL uint32_t portsim_remove_exclusion(uint32_t protocol, uint32_t start, uint32_t count);

/*
 * Ports someone holds without netsh's list telling of it (N7). HcnEnumerateGuestNetworkPortReservations tells of them,
 * unless portsim_set_hcn(0) takes Hyper-V's networking away.
 */
PORTSIM_CONTROL uint32_t portsim_add_hidden_holder(uint32_t protocol, uint32_t start, uint32_t count);
PORTSIM_CONTROL uint32_t portsim_remove_hidden_holder(uint32_t protocol, uint32_t start, uint32_t count);

/*
 * Whether the machine has Hyper-V's networking (N7). Default: 1. 0: the two functions of computenetwork.dll fail.
 * 2: it tells of a bind of the host itself as well (UDP 5353), as some Windows may. 3: it counts bytes and not entries,
 * as computenetwork.h annotates it.
 */
#define PORTSIM_HCN_ABSENT 0
#define PORTSIM_HCN_INSTALLED 1
#define PORTSIM_HCN_WITH_HOST 2
#define PORTSIM_HCN_IN_BYTES 3
PORTSIM_CONTROL uint32_t portsim_set_hcn(uint32_t installed);

/*
 * The service winnat (N9): PORTSIM_WINNAT_ABSENT, _STOPPED or _RUNNING (default). Its blocks go or come with it, at once.
 * A start takes each block where it was or, when somebody has it by now, another of its size in the dynamic range.
 */
PORTSIM_CONTROL uint32_t portsim_set_winnat(uint32_t state);
/* The state it is in now, PORTSIM_WINNAT_...; no error code. */
PORTSIM_CONTROL uint32_t portsim_winnat_state(void);
/* How long it stays in SERVICE_STOP_PENDING and SERVICE_START_PENDING: 0 (default) to PORTSIM_MAXIMUM_DELAY_MS. */
PORTSIM_CONTROL uint32_t portsim_set_winnat_delay(uint32_t milliseconds);
/* 1: it is SERVICE_DISABLED, and does not start any more; whether it runs is another thing. Default 0. */
PORTSIM_CONTROL uint32_t portsim_set_winnat_disabled(uint32_t disabled);

/*
 * What this process was given and has not given back: handles of services and processes, lists of Hyper-V's networking and, off
 * Windows, events; no error code.
 */
PORTSIM_CONTROL uint32_t portsim_open_objects(void);

/* How long the three control codes take (A8): 0 (default), up to PORTSIM_MAXIMUM_DELAY_MS, or PORTSIM_DELAY_NEVER. */
PORTSIM_CONTROL uint32_t portsim_set_delay(uint32_t milliseconds);

/* 1: a Windows too old for the control codes, which answer WSAEOPNOTSUPP. */
PORTSIM_CONTROL uint32_t portsim_set_unsupported(uint32_t unsupported);

/* The dynamic range of one protocol, of both families (N8). Default: 49152 + 16384. */
PORTSIM_CONTROL uint32_t portsim_set_dynamic_range(uint32_t protocol, uint32_t start, uint32_t count);

/* netsh's language: "en", "de", "fr", "es", "ru", "ko" or "zh-CN". */
PORTSIM_CONTROL uint32_t portsim_set_language(const char *language);

/*
 * Stand-ins for programs that are not there, until portsim_reset: a process with the path of its program, in ASCII ("": one
 * that nobody may open, such as System); a port that a process has, at a dotted IPv4 address, "::" or "::1", with a state
 * MIB_TCP_STATE_... of TCP, or 0 for UDP; and a running service that a process hosts. The process may as well be a real one.
 * One that listens, or has a UDP socket, keeps others from its port.
 */
#define PORTSIM_STATE_LISTEN 2u
PORTSIM_CONTROL uint32_t portsim_set_process(uint32_t process, const char *image);
PORTSIM_CONTROL uint32_t portsim_add_endpoint(uint32_t protocol, const char *address, uint32_t port, uint32_t state,
                                              uint32_t process);
PORTSIM_CONTROL uint32_t portsim_add_service(const char *name, uint32_t process);

/*
 * The next call of the named function ("WSAIoctl", "bind", ...; "netsh" for the tool), made by any process, fails with
 * this code and does nothing else. Several for one function are used up in the order given.
 */
PORTSIM_CONTROL uint32_t portsim_fail_next(const char *function, uint32_t code);

#ifdef __cplusplus
}
#endif

#endif
