/**
 * Win32 and Winsock error codes that this package names, with the code that Node.js (libuv) uses for the same error.
 *
 * Source: winerror.h, winsock2.h; libuv `src/win/error.c`. Where libuv has no entry (ERROR_NOT_FOUND, ERROR_SERVICE_...,
 * WSAEOPNOTSUPP, WSAENETDOWN, WSAEINPROGRESS, WSA_IO_PENDING) the nearest POSIX name is used.
 */
const TABLE = {
  ERROR_ACCESS_DENIED: [5, 'EPERM'],
  ERROR_SHARING_VIOLATION: [32, 'EBUSY'],
  ERROR_INVALID_PARAMETER: [87, 'EINVAL'],
  ERROR_MORE_DATA: [234, 'EMSGSIZE'],
  WSA_OPERATION_ABORTED: [995, 'ECANCELED'],
  WSA_IO_INCOMPLETE: [996, 'EINPROGRESS'],
  WSA_IO_PENDING: [997, 'EINPROGRESS'],
  ERROR_DEPENDENT_SERVICES_RUNNING: [1051, 'EBUSY'],
  ERROR_SERVICE_REQUEST_TIMEOUT: [1053, 'ETIMEDOUT'],
  ERROR_SERVICE_ALREADY_RUNNING: [1056, 'EALREADY'],
  ERROR_SERVICE_DISABLED: [1058, 'EACCES'],
  ERROR_SERVICE_DOES_NOT_EXIST: [1060, 'ENOENT'],
  ERROR_SERVICE_CANNOT_ACCEPT_CTRL: [1061, 'EBUSY'],
  ERROR_SERVICE_NOT_ACTIVE: [1062, 'ESRCH'],
  ERROR_NOT_FOUND: [1168, 'ENOENT'],
  WSAEINTR: [10004, 'ECANCELED'],
  WSAEACCES: [10013, 'EACCES'],
  WSAEFAULT: [10014, 'EFAULT'],
  WSAEINVAL: [10022, 'EINVAL'],
  WSAEINPROGRESS: [10036, 'EINPROGRESS'],
  WSAENOTSOCK: [10038, 'ENOTSOCK'],
  WSAEOPNOTSUPP: [10045, 'ENOTSUP'],
  WSAEAFNOSUPPORT: [10047, 'EAFNOSUPPORT'],
  WSAEADDRINUSE: [10048, 'EADDRINUSE'],
  WSAEADDRNOTAVAIL: [10049, 'EADDRNOTAVAIL'],
  WSAENETDOWN: [10050, 'ENETDOWN'],
  WSAENOBUFS: [10055, 'ENOBUFS'],
} as const satisfies Record<string, readonly [number, string]>;

export type NativeName = keyof typeof TABLE;

/** The number of each named code: `Code.WSAEACCES === 10013`. */
export const Code = Object.fromEntries(Object.entries(TABLE).map(([name, [number]]) => [name, number])) as {
  readonly [Name in NativeName]: (typeof TABLE)[Name][0];
};

const byNumber = new Map<number, { name: NativeName; code: string }>(
  Object.entries(TABLE).map(([name, [number, code]]) => [number, { name: name as NativeName, code }]),
);

/** Name and libuv code of a native error, or `undefined` for a code without a name here (rule P12). */
export function describeCode(nativeCode: number): { name: NativeName; code: string } | undefined {
  return byNumber.get(nativeCode);
}
