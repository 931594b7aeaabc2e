/* A8: control codes that take a while, and what ends them. */
#include "check.h"

#include <string.h>

/* Far more than a machine under load needs, far less than a person waits. */
#define DEADLINE_MS 20000u

typedef struct call_t {
  SOCKET socket;
  WSAOVERLAPPED overlapped;
  INET_PORT_RANGE range;
  INET_PORT_RESERVATION_INSTANCE instance;
  DWORD returned;
} call_t;

static void prepare(call_t *call, uint16_t offset) {
  memset(call, 0, sizeof *call);
  call->socket = open_socket(AF_INET, SOCK_STREAM);
  call->overlapped.hEvent = WSACreateEvent();
  call->range = (INET_PORT_RANGE){htons((uint16_t)(base_port + offset)), 4};
  CHECK(call->overlapped.hEvent != WSA_INVALID_EVENT);
}

static uint32_t start(call_t *call) {
  int result = WSAIoctl(call->socket, SIO_ACQUIRE_PORT_RESERVATION, &call->range, sizeof call->range, &call->instance,
                        sizeof call->instance, &call->returned, &call->overlapped, NULL);
  return result == 0 ? 0 : (uint32_t)WSAGetLastError();
}

static uint32_t result_of(call_t *call, BOOL wait) {
  DWORD flags = 7;
  return WSAGetOverlappedResult(call->socket, &call->overlapped, &call->returned, wait, &flags)
             ? 0
             : (uint32_t)WSAGetLastError();
}

static DWORD wait_for(WSAEVENT event, DWORD milliseconds) {
  return WSAWaitForMultipleEvents(1, &event, TRUE, milliseconds, FALSE);
}

static void finish(call_t *call) {
  if (call->socket != INVALID_SOCKET) {
    closesocket(call->socket);
  }
  WSACloseEvent(call->overlapped.hEvent);
}

static bool is_reserved(uint16_t offset) {
  SOCKET s = open_socket(AF_INET, SOCK_STREAM);
  uint32_t code = bind_port(s, AF_INET, (uint16_t)(base_port + offset));
  closesocket(s);
  return code == WSAEACCES;
}

static void at_once(void) {
  call_t call;
  prepare(&call, 0);
  CHECK_EQUAL(start(&call), 0);
  CHECK_EQUAL(call.returned, 16);
  CHECK_EQUAL(wait_for(call.overlapped.hEvent, 0), WSA_WAIT_EVENT_0);
  call.returned = 0;
  CHECK_EQUAL(result_of(&call, FALSE), 0);
  CHECK_EQUAL(call.returned, 16);
  finish(&call);
}

static void later(void) {
  call_t call;
  prepare(&call, 0);
  CHECK_EQUAL(portsim_set_delay(40), 0);
  WSASetEvent(call.overlapped.hEvent);
  CHECK_EQUAL(start(&call), WSA_IO_PENDING);
  call.range.NumberOfPorts = 0; /* The input was copied. */
  CHECK_EQUAL(wait_for(call.overlapped.hEvent, DEADLINE_MS), WSA_WAIT_EVENT_0);
  CHECK_EQUAL(result_of(&call, FALSE), 0);
  CHECK_EQUAL(call.returned, 16);
  CHECK(call.instance.Token != 0);
  CHECK(is_reserved(3));
  finish(&call);
}

static void waited_for(void) {
  call_t call;
  prepare(&call, 0);
  CHECK_EQUAL(portsim_set_delay(40), 0);
  CHECK_EQUAL(start(&call), WSA_IO_PENDING);
  CHECK_EQUAL(result_of(&call, TRUE), 0);
  CHECK_EQUAL(call.returned, 16);
  finish(&call);
}

static void failing_later(void) {
  call_t first;
  call_t second;
  prepare(&first, 0);
  prepare(&second, 2);
  CHECK_EQUAL(portsim_set_delay(20), 0);
  CHECK_EQUAL(start(&first), WSA_IO_PENDING);
  CHECK_EQUAL(result_of(&first, TRUE), 0);
  CHECK_EQUAL(start(&second), WSA_IO_PENDING);
  CHECK_EQUAL(result_of(&second, TRUE), WSAEADDRINUSE);
  CHECK_EQUAL(wait_for(second.overlapped.hEvent, 0), WSA_WAIT_EVENT_0);
  finish(&first);
  finish(&second);
}

static void cancelled(void) {
  call_t call;
  call_t other;
  prepare(&call, 0);
  prepare(&other, 8);
  CHECK_EQUAL(portsim_set_delay(PORTSIM_DELAY_NEVER), 0);
  CHECK_EQUAL(start(&call), WSA_IO_PENDING);
  CHECK_EQUAL(start(&other), WSA_IO_PENDING);
  CHECK_EQUAL(result_of(&call, FALSE), WSA_IO_INCOMPLETE);
  CHECK_EQUAL(CancelIoEx((HANDLE)call.socket, &other.overlapped), FALSE);
  CHECK_EQUAL(GetLastError(), ERROR_NOT_FOUND);
  CHECK_EQUAL(CancelIoEx((HANDLE)call.socket, &call.overlapped), TRUE);
  CHECK_EQUAL(wait_for(call.overlapped.hEvent, DEADLINE_MS), WSA_WAIT_EVENT_0);
  CHECK_EQUAL(result_of(&call, TRUE), WSA_OPERATION_ABORTED);
  CHECK_EQUAL(CancelIoEx((HANDLE)call.socket, &call.overlapped), FALSE);
  CHECK_EQUAL(result_of(&other, FALSE), WSA_IO_INCOMPLETE);
  CHECK_EQUAL(CancelIoEx((HANDLE)other.socket, NULL), TRUE);
  CHECK_EQUAL(result_of(&other, TRUE), WSA_OPERATION_ABORTED);
  CHECK(!is_reserved(0) && !is_reserved(8));
  finish(&call);
  finish(&other);
}

static void closed(void) {
  call_t call;
  prepare(&call, 0);
  CHECK_EQUAL(portsim_set_delay(PORTSIM_DELAY_NEVER), 0);
  CHECK_EQUAL(start(&call), WSA_IO_PENDING);
  CHECK_EQUAL(closesocket(call.socket), 0);
  CHECK_EQUAL(wait_for(call.overlapped.hEvent, 0), WSA_WAIT_EVENT_0);
  CHECK_EQUAL(result_of(&call, FALSE), WSA_OPERATION_ABORTED);
  call.socket = INVALID_SOCKET;
  CHECK(!is_reserved(0));
  finish(&call);
}

static void without_event(void) {
  call_t call;
  prepare(&call, 0);
  WSACloseEvent(call.overlapped.hEvent);
  call.overlapped.hEvent = NULL;
  CHECK_EQUAL(portsim_set_delay(20), 0);
  CHECK_EQUAL(start(&call), WSA_IO_PENDING);
  CHECK_EQUAL(result_of(&call, TRUE), 0);
  closesocket(call.socket);
}

/* A8: blocking even on a non-blocking socket. */
static void blocking(void) {
  SOCKET s = open_socket(AF_INET, SOCK_STREAM);
  INET_PORT_RESERVATION_INSTANCE instance;
  u_long on = 1;
  CHECK_EQUAL(ioctlsocket(s, FIONBIO, &on), 0);
  CHECK_EQUAL(portsim_set_delay(30), 0);
  CHECK_EQUAL(acquire_block(s, base_port, 4, &instance), 0);
  closesocket(s);
}

static void not_overlapped(void) {
  call_t call;
  prepare(&call, 0);
  closesocket(call.socket);
  call.socket = WSASocketW(AF_INET, SOCK_STREAM, 0, NULL, 0, 0);
  CHECK_EQUAL(portsim_set_delay(20), 0);
  CHECK_EQUAL(start(&call), 0);
  CHECK_EQUAL(call.returned, 16);
  CHECK_EQUAL(wait_for(call.overlapped.hEvent, 0), WSA_WAIT_TIMEOUT);
  finish(&call);
}

static void arguments_first(void) {
  call_t call;
  prepare(&call, 0);
  CHECK_EQUAL(portsim_set_delay(PORTSIM_DELAY_NEVER), 0);
  call.range.NumberOfPorts = 0;
  CHECK_EQUAL(start(&call), WSAEINVAL);
  CHECK_EQUAL(wait_for(call.overlapped.hEvent, 0), WSA_WAIT_TIMEOUT);
  CHECK_EQUAL(portsim_set_delay(PORTSIM_MAXIMUM_DELAY_MS + 1), ERROR_INVALID_PARAMETER);
  finish(&call);
}

static void many(void) {
  enum { COUNT = 12 };
  static call_t calls[COUNT];
  CHECK_EQUAL(portsim_set_delay(10), 0);
  for (int index = 0; index < COUNT; index++) {
    prepare(&calls[index], (uint16_t)(index * 4));
    CHECK_EQUAL(start(&calls[index]), WSA_IO_PENDING);
  }
  for (int index = 0; index < COUNT; index++) {
    CHECK_EQUAL(result_of(&calls[index], TRUE), 0);
    CHECK_EQUAL(ntohs(calls[index].instance.StartPort), base_port + index * 4);
    finish(&calls[index]);
  }
}

static void events(void) {
  WSAEVENT both[2] = {WSACreateEvent(), WSACreateEvent()};
  CHECK(both[0] != both[1]);
  CHECK_EQUAL(WSAWaitForMultipleEvents(2, both, FALSE, 0, FALSE), WSA_WAIT_TIMEOUT);
  WSASetEvent(both[1]);
  CHECK_EQUAL(WSAWaitForMultipleEvents(2, both, FALSE, 0, FALSE), WSA_WAIT_EVENT_0 + 1);
  CHECK_EQUAL(WSAWaitForMultipleEvents(2, both, TRUE, 5, FALSE), WSA_WAIT_TIMEOUT);
  WSASetEvent(both[0]);
  CHECK_EQUAL(WSAWaitForMultipleEvents(2, both, TRUE, WSA_INFINITE, FALSE), WSA_WAIT_EVENT_0);
  WSAResetEvent(both[0]);
  CHECK_EQUAL(WSAWaitForMultipleEvents(2, both, FALSE, 0, FALSE), WSA_WAIT_EVENT_0 + 1);
  WSACloseEvent(both[0]);
  WSACloseEvent(both[1]);
  CHECK_EQUAL(portsim_fail_next("WSACreateEvent", ERROR_NOT_ENOUGH_MEMORY), 0);
  CHECK_EQUAL((uintptr_t)WSACreateEvent(), (uintptr_t)WSA_INVALID_EVENT);
#ifndef _WIN32
  CHECK_EQUAL(WSACloseEvent(both[1]), FALSE);
  CHECK_EQUAL(WSAWaitForMultipleEvents(2, both, FALSE, 0, FALSE), WSA_WAIT_FAILED);
#endif
}

const test_t overlapped_tests[] = {
    {"A8: with no delay an overlapped call completes at once", at_once},
    {"A8: with a delay it completes later and signals its event", later},
    {"A8: WSAGetOverlappedResult can wait for it", waited_for},
    {"A8: the result of a late failure is its code", failing_later},
    {"A8: CancelIoEx ends one operation, or all of a socket", cancelled},
    {"A8: closing the socket ends it", closed},
    {"A8: an overlapped call needs no event", without_event},
    {"A8: a control code blocks even on a non-blocking socket", blocking},
    {"A8: a socket that is not overlapped ignores the OVERLAPPED", not_overlapped},
    {"A8: wrong arguments fail at once", arguments_first},
    {"A8: many operations at a time", many},
    {"Events are set until they are reset", events},
    {NULL, NULL},
};
