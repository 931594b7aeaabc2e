/* Starts a program of Windows without a console, hands on the standard handles, the rest of the command line and the exit
 * code, and ends it with itself. Without a terminal Wine gives a program no console, and pwsh.exe then prints nothing. */
#include <windows.h>
#include <stdio.h>
#include <wchar.h>

static int fail(const char *what)
{
    fprintf(stderr, "launcher: %s failed (%lu)\n", what, GetLastError());
    return 125;
}

/* The command line after its first argument, which is quoted as CommandLineToArgvW reads it. */
static wchar_t *skip_own_name(wchar_t *line)
{
    int quoted = 0;
    for (; *line && (quoted || (*line != L' ' && *line != L'\t')); line++) if (*line == L'"') quoted = !quoted;
    while (*line == L' ' || *line == L'\t') line++;
    return line;
}

int wmain(void)
{
    STARTUPINFOW start = { .cb = sizeof start, .dwFlags = STARTF_USESTDHANDLES };
    PROCESS_INFORMATION child;
    JOBOBJECT_EXTENDED_LIMIT_INFORMATION limits = { .BasicLimitInformation.LimitFlags = JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE };
    HANDLE job = CreateJobObjectW(NULL, NULL);
    DWORD code;

    start.hStdInput = GetStdHandle(STD_INPUT_HANDLE);
    start.hStdOutput = GetStdHandle(STD_OUTPUT_HANDLE);
    start.hStdError = GetStdHandle(STD_ERROR_HANDLE);
    if (!job || !SetInformationJobObject(job, JobObjectExtendedLimitInformation, &limits, sizeof limits)) return fail("the job");
    if (!CreateProcessW(NULL, skip_own_name(GetCommandLineW()), NULL, NULL, TRUE, CREATE_NO_WINDOW | CREATE_SUSPENDED, NULL, NULL, &start, &child))
        return fail("CreateProcessW");
    if (!AssignProcessToJobObject(job, child.hProcess)) return fail("AssignProcessToJobObject");
    ResumeThread(child.hThread);
    WaitForSingleObject(child.hProcess, INFINITE);
    return GetExitCodeProcess(child.hProcess, &code) ? (int)code : fail("GetExitCodeProcess");
}
