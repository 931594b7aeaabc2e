/* The services that the stand-ins host, as EnumServicesStatusExW lists them. */
#ifndef PORTSIM_SERVICE_LIST_H
#define PORTSIM_SERVICE_LIST_H

#include "store.h"
#include "windows_names.h"

/* Those from *resume on, as far as they fit; ERROR_MORE_DATA, and how much the rest needs, where they do not all. */
uint32_t service_list_copy(const settings_t *settings, LPBYTE buffer, DWORD size, LPDWORD needed, LPDWORD returned,
                           LPDWORD resume);

#endif
