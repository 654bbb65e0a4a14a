/* Status codes and error messages. The library never prints and never exits: a fallible function
 * returns a status and describes its first failure in the cf_err that its caller passes last. */
#ifndef CONTRAFLOW_SOLVER_ERROR_H
#define CONTRAFLOW_SOLVER_ERROR_H

#include <stddef.h>

typedef enum {
    CF_OK = 0,
    CF_EINPUT,   /* the caller or the user asked for something invalid */
    CF_ENUMERIC, /* the computation broke down: step size, overflow, singularity */
    CF_ESYSTEM   /* memory, file system, a library */
} cf_status;

/* Zero-initialize (cf_err err = {0}) before use. */
typedef struct {
    cf_status status;
    char message[1024];
} cf_err;

#if defined(__GNUC__)
#define CF_PRINTF(string, first) __attribute__((format(printf, string, first)))
#else
#define CF_PRINTF(string, first)
#endif

/* Records a failure (thing, value, rule) and returns `status`. The first failure wins: a second one
 * changes nothing. `err` may be NULL. */
cf_status cf_fail(cf_err *err, cf_status status, const char *format, ...) CF_PRINTF(3, 4);

/* Puts context in front of the message, "file:line: " say, and returns the recorded status. */
cf_status cf_err_prepend(cf_err *err, const char *format, ...) CF_PRINTF(2, 3);

#endif
