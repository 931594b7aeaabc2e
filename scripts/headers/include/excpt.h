/* See vcruntime.h. <winnt.h> declares exception handlers with this type; nothing here calls one. */
#ifndef STANDIN_EXCPT_H
#define STANDIN_EXCPT_H

typedef enum _EXCEPTION_DISPOSITION {
  ExceptionContinueExecution,
  ExceptionContinueSearch,
  ExceptionNestedException,
  ExceptionCollidedUnwind
} EXCEPTION_DISPOSITION;

#endif
