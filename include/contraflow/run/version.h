/* What a result was made with. */
#ifndef CONTRAFLOW_RUN_VERSION_H
#define CONTRAFLOW_RUN_VERSION_H

#include <stddef.h>

/* "0.1.0", and the commit of the sources ("unknown" outside a checkout). */
const char *cf_version(void);
const char *cf_git_commit(void);

/* "SUNDIALS 6.4.1, GSL 2.7.1, gcc 12.2.0, openmp, avx512": libraries, compiler, instruction set. */
void cf_build_description(char *text, size_t size);

#endif
