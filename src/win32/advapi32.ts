import { openLibrary } from './library.js';

const WinBuiltinAdministratorsSid = 26;
const SECURITY_MAX_SID_SIZE = 68;

/** The functions of advapi32.dll about the token of this process; those about services are in services.ts. */
interface Advapi32 {
  /**
   * Whether the token of this process has the Administrators group enabled: an elevated administrator or LocalSystem.
   * False for an administrator who is not elevated, whose token has the group for deny only.
   * Source: CheckTokenMembership, https://learn.microsoft.com/windows/win32/api/securitybaseapi/
   */
  isElevated(): boolean;
}

export function openAdvapi32(path: string): Advapi32 {
  const library = openLibrary(path);
  const createWellKnownSid = library.func(
    'int32_t __stdcall CreateWellKnownSid(int32_t type, void *domain, void *sid, _Inout_ uint32_t *size)');
  const checkTokenMembership = library.func(
    'int32_t __stdcall CheckTokenMembership(void *token, void *sid, _Out_ int32_t *member)');
  return {
    isElevated() {
      const sid = Buffer.alloc(SECURITY_MAX_SID_SIZE);
      const member: [number] = [0];
      return Number(createWellKnownSid(WinBuiltinAdministratorsSid, null, sid, [sid.length])) !== 0
        && Number(checkTokenMembership(null, sid, member)) !== 0
        && member[0] !== 0;
    },
  };
}
