@echo off
rem The command line, run by the node.exe of this package. This file is for cmd.exe and for programs that start commands;
rem in PowerShell, port-reservation.ps1 beside it comes first.
rem
rem Unelevated programs can set variables that make an elevated node.exe load code: NODE_OPTIONS, OPENSSL_CONF, SystemRoot and
rem more. So node.exe gets none of them: all are cleared, and the folder of Windows is asked of cmd.exe itself.
setlocal EnableExtensions DisableDelayedExpansion

rem __APPDIR__ is the folder of this cmd.exe, unless a variable of that name hides it.
set "__APPDIR__="
if not "%__APPDIR__%"=="" for %%d in ("%__APPDIR__%..") do if exist "%__APPDIR__%kernel32.dll" (
  set "SystemRoot=%%~fd"
  set "windir=%%~fd"
  set "ComSpec=%__APPDIR__%cmd.exe"
)

set PORT_RESERVATION_NOT_CLEARED=1
for /f "eol== delims==" %%v in ('set') do if /i not "%%v"=="SystemRoot" if /i not "%%v"=="windir" set "%%v="
if defined PORT_RESERVATION_NOT_CLEARED (
  >&2 echo port-reservation: the environment cannot be cleared, and it may make an elevated program load code. Run this in PowerShell.
  exit /b 1
)
rem Of a name that was given in quotes and found through PATH, %~dp0 is the current folder; of a label it is that of this file.
call :folder
if not exist "%PORT_RESERVATION_FOLDER%bin\node.exe" (
  >&2 echo port-reservation: this package has no node.exe. Install the package that has one, or use the cmdlets.
  exit /b 9
)
"%PORT_RESERVATION_FOLDER%bin\node.exe" "%PORT_RESERVATION_FOLDER%bin\port-reservation.cjs" %*
exit /b %ERRORLEVEL%

:folder
set "PORT_RESERVATION_FOLDER=%~dp0"
exit /b 0
