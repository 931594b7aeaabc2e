/* The genuine functions behind the Windows build. Include after <winsock2.h>. */
#ifndef PORTSIM_NETWORK_WINDOWS_H
#define PORTSIM_NETWORK_WINDOWS_H

typedef struct genuine_winsock_t {
  int(WSAAPI *WSAStartup)(WORD, LPWSADATA);
  int(WSAAPI *WSACleanup)(void);
  SOCKET(WSAAPI *WSASocketW)(int, int, int, LPWSAPROTOCOL_INFOW, GROUP, DWORD);
  int(WSAAPI *WSADuplicateSocketW)(SOCKET, DWORD, LPWSAPROTOCOL_INFOW);
  int(WSAAPI *closesocket)(SOCKET);
  int(WSAAPI *bind)(SOCKET, const struct sockaddr *, int);
  int(WSAAPI *listen)(SOCKET, int);
  SOCKET(WSAAPI *accept)(SOCKET, struct sockaddr *, int *);
  int(WSAAPI *connect)(SOCKET, const struct sockaddr *, int);
  int(WSAAPI *send)(SOCKET, const char *, int, int);
  int(WSAAPI *recv)(SOCKET, char *, int, int);
  int(WSAAPI *shutdown)(SOCKET, int);
  int(WSAAPI *getsockname)(SOCKET, struct sockaddr *, int *);
  int(WSAAPI *setsockopt)(SOCKET, int, int, const char *, int);
  int(WSAAPI *getsockopt)(SOCKET, int, int, char *, int *);
  int(WSAAPI *ioctlsocket)(SOCKET, long, u_long *);
  int(WSAAPI *WSAIoctl)(SOCKET, DWORD, LPVOID, DWORD, LPVOID, DWORD, LPDWORD, LPWSAOVERLAPPED,
                        LPWSAOVERLAPPED_COMPLETION_ROUTINE);
  BOOL(WSAAPI *WSAGetOverlappedResult)(SOCKET, LPWSAOVERLAPPED, LPDWORD, BOOL, LPDWORD);
  WSAEVENT(WSAAPI *WSACreateEvent)(void);
  BOOL(WSAAPI *WSACloseEvent)(WSAEVENT);
  BOOL(WSAAPI *WSASetEvent)(WSAEVENT);
  BOOL(WSAAPI *WSAResetEvent)(WSAEVENT);
  DWORD(WSAAPI *WSAWaitForMultipleEvents)(DWORD, const WSAEVENT *, BOOL, DWORD, BOOL);
} genuine_winsock_t;

/* Loaded at the first call; never from DllMain, where loading is forbidden. */
const genuine_winsock_t *genuine_winsock(void);
FARPROC genuine_function(const wchar_t *library, const char *name);

#endif
