/*
 * The Windows names a program for the port reservation API uses, for systems that have no Windows headers.
 *
 * Types, layouts and numbers are those of the Windows SDK for x64, so a call made through this header and one made by a
 * foreign function interface from the Win32 pages reach the simulator with the same bytes. With a Windows compiler the
 * genuine headers are used and this folder is not on the include path.
 *
 * It can not be included together with <sys/socket.h>: both declare socket, bind and the others, with different types.
 */
#ifndef PORTSIM_INCLUDE_WINSOCK2_H
#define PORTSIM_INCLUDE_WINSOCK2_H

#include <stdint.h>
#include <sys/types.h>

#define PORTSIM_API __attribute__((visibility("default")))
#define WSAAPI
#define WINAPI

typedef int BOOL;
typedef int INT;
typedef uint8_t BYTE;
typedef uint8_t UCHAR;
typedef uint16_t WORD;
typedef uint16_t USHORT;
typedef uint16_t WCHAR;
typedef uint32_t DWORD;
typedef uint32_t ULONG; /* 32 bits on Windows, also where C's unsigned long has 64. */
typedef int32_t LONG; /* likewise */
typedef int32_t HRESULT;
typedef uint32_t UINT;
typedef uint16_t UINT16;
typedef uint32_t UINT32;
typedef uint64_t UINT64;
typedef uint64_t ULONG64, *PULONG64;
typedef uintptr_t ULONG_PTR, UINT_PTR;
typedef unsigned short u_short;
/* <sys/types.h> has a u_long of 64 bits, so the name can not be a type here. */
#define u_long uint32_t
typedef void *HANDLE, *PVOID, *LPVOID;
typedef const void *LPCVOID;
typedef DWORD *LPDWORD, *PDWORD;
typedef BYTE *LPBYTE;
typedef INT *LPINT;
typedef WCHAR *LPWSTR;
typedef const char *LPCSTR;
typedef const WCHAR *LPCWSTR;

typedef struct _GUID {
  ULONG Data1;
  USHORT Data2;
  USHORT Data3;
  UCHAR Data4[8];
} GUID;

#define TRUE 1
#define FALSE 0
#define INFINITE 0xFFFFFFFFu
#define MAKEWORD(low, high) ((WORD)(((low) & 0xff) | (((high) & 0xff) << 8)))

typedef UINT_PTR SOCKET;
typedef UINT GROUP;
typedef HANDLE WSAEVENT, *LPWSAEVENT;

#define INVALID_SOCKET ((SOCKET)~(SOCKET)0)
#define SOCKET_ERROR (-1)
#define WSA_INVALID_EVENT ((WSAEVENT)0)
#define WSA_INFINITE INFINITE
#define WSA_WAIT_FAILED 0xFFFFFFFFu
#define WSA_WAIT_EVENT_0 0u
#define WSA_WAIT_TIMEOUT 258u
#define WSA_MAXIMUM_WAIT_EVENTS 64
#define WSA_FLAG_OVERLAPPED 0x01
#define WSA_FLAG_NO_HANDLE_INHERIT 0x80

#define AF_UNSPEC 0
#define AF_UNIX 1
#define AF_INET 2
#define AF_INET6 23
#define SOCK_STREAM 1
#define SOCK_DGRAM 2
#define SOCK_RAW 3
#define IPPROTO_ICMP 1
#define IPPROTO_TCP 6
#define IPPROTO_UDP 17
#define IPPROTO_IPV6 41
#define SOL_SOCKET 0xffff
#define SO_ACCEPTCONN 0x0002
#define SO_REUSEADDR 0x0004
#define SO_KEEPALIVE 0x0008
#define SO_BROADCAST 0x0020
#define SO_EXCLUSIVEADDRUSE ((int)(~SO_REUSEADDR))
#define SO_SNDBUF 0x1001
#define SO_RCVBUF 0x1002
#define SO_SNDTIMEO 0x1005
#define SO_RCVTIMEO 0x1006
#define SO_ERROR 0x1007
#define SO_TYPE 0x1008
#define TCP_NODELAY 0x0001
#define IPV6_V6ONLY 27
#define SOMAXCONN 0x7fffffff
#define FIONBIO 0x8004667Eu
#define INADDR_ANY ((ULONG)0x00000000)
#define INADDR_LOOPBACK 0x7f000001
#define SD_RECEIVE 0
#define SD_SEND 1
#define SD_BOTH 2

struct sockaddr {
  USHORT sa_family;
  char sa_data[14];
};

struct in_addr {
  union {
    struct {
      UCHAR s_b1, s_b2, s_b3, s_b4;
    } S_un_b;
    ULONG S_addr;
  } S_un;
};
#define s_addr S_un.S_addr

struct sockaddr_in {
  USHORT sin_family;
  USHORT sin_port;
  struct in_addr sin_addr;
  char sin_zero[8];
};

typedef struct WSAData {
  WORD wVersion;
  WORD wHighVersion;
  USHORT iMaxSockets;
  USHORT iMaxUdpDg;
  char *lpVendorInfo;
  char szDescription[257];
  char szSystemStatus[129];
} WSADATA, *LPWSADATA;

typedef struct _OVERLAPPED {
  ULONG_PTR Internal;
  ULONG_PTR InternalHigh;
  union {
    struct {
      DWORD Offset;
      DWORD OffsetHigh;
    };
    PVOID Pointer;
  };
  HANDLE hEvent;
} OVERLAPPED, *LPOVERLAPPED, WSAOVERLAPPED, *LPWSAOVERLAPPED;

typedef void (*LPWSAOVERLAPPED_COMPLETION_ROUTINE)(DWORD, DWORD, LPWSAOVERLAPPED, DWORD);
/* Only ever passed on: duplicates exist in the Windows build alone. */
typedef struct _WSAPROTOCOL_INFOW WSAPROTOCOL_INFOW, *LPWSAPROTOCOL_INFOW;

#define NO_ERROR 0u
#define ERROR_FILE_NOT_FOUND 2u
#define ERROR_PATH_NOT_FOUND 3u
#define ERROR_ACCESS_DENIED 5u
#define ERROR_INVALID_HANDLE 6u
#define ERROR_NOT_ENOUGH_MEMORY 8u
#define ERROR_GEN_FAILURE 31u
#define ERROR_SHARING_VIOLATION 32u
#define ERROR_NOT_SUPPORTED 50u
#define ERROR_INVALID_PARAMETER 87u
#define ERROR_INSUFFICIENT_BUFFER 122u
#define ERROR_INVALID_NAME 123u
#define ERROR_INVALID_LEVEL 124u
#define ERROR_MORE_DATA 234u
#define ERROR_MR_MID_NOT_FOUND 317u
#define ERROR_INVALID_SERVICE_CONTROL 1052u
#define ERROR_SERVICE_ALREADY_RUNNING 1056u
#define ERROR_SERVICE_DISABLED 1058u
#define ERROR_SERVICE_DOES_NOT_EXIST 1060u
#define ERROR_SERVICE_CANNOT_ACCEPT_CTRL 1061u
#define ERROR_SERVICE_NOT_ACTIVE 1062u
#define ERROR_DATABASE_DOES_NOT_EXIST 1065u
#define ERROR_NOT_FOUND 1168u
#define ERROR_NO_SYSTEM_RESOURCES 1450u
#define RPC_S_SERVER_UNAVAILABLE 1722u
#define WSA_INVALID_HANDLE 6
#define WSA_INVALID_PARAMETER 87
#define WSA_OPERATION_ABORTED 995
#define WSA_IO_INCOMPLETE 996
#define WSA_IO_PENDING 997
#define WSAEINTR 10004
#define WSAEBADF 10009
#define WSAEACCES 10013
#define WSAEFAULT 10014
#define WSAEINVAL 10022
#define WSAEMFILE 10024
#define WSAEWOULDBLOCK 10035
#define WSAEINPROGRESS 10036
#define WSAEALREADY 10037
#define WSAENOTSOCK 10038
#define WSAEDESTADDRREQ 10039
#define WSAEMSGSIZE 10040
#define WSAEPROTOTYPE 10041
#define WSAENOPROTOOPT 10042
#define WSAEPROTONOSUPPORT 10043
#define WSAESOCKTNOSUPPORT 10044
#define WSAEOPNOTSUPP 10045
#define WSAEAFNOSUPPORT 10047
#define WSAEADDRINUSE 10048
#define WSAEADDRNOTAVAIL 10049
#define WSAENETDOWN 10050
#define WSAENETUNREACH 10051
#define WSAECONNABORTED 10053
#define WSAECONNRESET 10054
#define WSAENOBUFS 10055
#define WSAEISCONN 10056
#define WSAENOTCONN 10057
#define WSAETIMEDOUT 10060
#define WSAECONNREFUSED 10061
#define WSAEHOSTUNREACH 10065
#define WSAVERNOTSUPPORTED 10092
#define WSANOTINITIALISED 10093

/* These live in libc with the same bytes in and out; on macOS <sys/types.h> has made them macros by now. */
#ifndef htons
uint16_t htons(uint16_t value);
uint16_t ntohs(uint16_t value);
uint32_t htonl(uint32_t value);
uint32_t ntohl(uint32_t value);
#endif

PORTSIM_API int WSAStartup(WORD version, LPWSADATA data);
PORTSIM_API int WSACleanup(void);
PORTSIM_API int WSAGetLastError(void);
PORTSIM_API void WSASetLastError(int code);
PORTSIM_API SOCKET socket(int family, int type, int protocol);
PORTSIM_API SOCKET WSASocketW(int family, int type, int protocol, LPWSAPROTOCOL_INFOW info, GROUP group, DWORD flags);
PORTSIM_API int WSADuplicateSocketW(SOCKET s, DWORD process_id, LPWSAPROTOCOL_INFOW info);
PORTSIM_API int closesocket(SOCKET s);
PORTSIM_API int bind(SOCKET s, const struct sockaddr *name, int name_length);
PORTSIM_API int listen(SOCKET s, int backlog);
PORTSIM_API SOCKET accept(SOCKET s, struct sockaddr *name, int *name_length);
PORTSIM_API int connect(SOCKET s, const struct sockaddr *name, int name_length);
PORTSIM_API int send(SOCKET s, const char *data, int length, int flags);
PORTSIM_API int recv(SOCKET s, char *data, int length, int flags);
PORTSIM_API int shutdown(SOCKET s, int how);
PORTSIM_API int getsockname(SOCKET s, struct sockaddr *name, int *name_length);
PORTSIM_API int setsockopt(SOCKET s, int level, int option, const char *value, int length);
PORTSIM_API int getsockopt(SOCKET s, int level, int option, char *value, int *length);
PORTSIM_API int ioctlsocket(SOCKET s, LONG command, u_long *argument);
PORTSIM_API int WSAIoctl(SOCKET s, DWORD code, LPVOID in, DWORD in_size, LPVOID out, DWORD out_size, LPDWORD returned,
                         LPWSAOVERLAPPED overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine);
PORTSIM_API BOOL WSAGetOverlappedResult(SOCKET s, LPWSAOVERLAPPED overlapped, LPDWORD transferred, BOOL wait,
                                        LPDWORD flags);
PORTSIM_API WSAEVENT WSACreateEvent(void);
PORTSIM_API BOOL WSACloseEvent(WSAEVENT event);
PORTSIM_API BOOL WSASetEvent(WSAEVENT event);
PORTSIM_API BOOL WSAResetEvent(WSAEVENT event);
PORTSIM_API DWORD WSAWaitForMultipleEvents(DWORD count, const WSAEVENT *events, BOOL wait_all, DWORD timeout,
                                           BOOL alertable);

#endif
