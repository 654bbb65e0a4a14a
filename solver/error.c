#include "contraflow/solver/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

cf_status cf_fail(cf_err *err, cf_status status, const char *format, ...)
{
    if (err == NULL || err->status != CF_OK)
        return status;
    err->status = status;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(err->message, sizeof err->message, format, arguments);
    va_end(arguments);
    return status;
}

cf_status cf_err_prepend(cf_err *err, const char *format, ...)
{
    if (err == NULL)
        return CF_EINPUT;
    char old[sizeof err->message];
    memcpy(old, err->message, sizeof old);
    va_list arguments;
    va_start(arguments, format);
    int used = vsnprintf(err->message, sizeof err->message, format, arguments);
    va_end(arguments);
    if (used >= 0 && (size_t)used < sizeof err->message)
        snprintf(err->message + used, sizeof err->message - (size_t)used, "%s", old);
    return err->status;
}
