/* SHA-256 (FIPS 180-4). */
#ifndef CONTRAFLOW_RUN_SHA256_H
#define CONTRAFLOW_RUN_SHA256_H

#include <stddef.h>

/* The digest of `data` [size] as 64 lower-case hexadecimal digits and a NUL. */
void cf_sha256(const void *data, size_t size, char hex[65]);

#endif
