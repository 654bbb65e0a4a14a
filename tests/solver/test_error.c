/* Errors keep the first failure, take context in front, and allocation refuses what cannot be. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "contraflow/solver/memory.h"

int main(void)
{
    cf_err err = {0};
    check(cf_fail(&err, CF_EINPUT, "tau = %g: must be positive", -1.0) == CF_EINPUT,
          "a failure returns its status");
    cf_fail(&err, CF_ENUMERIC, "later");
    check(err.status == CF_EINPUT && strcmp(err.message, "tau = -1: must be positive") == 0,
          "the first failure wins");
    check(cf_err_prepend(&err, "%s:%d: ", "a.yaml", 3) == CF_EINPUT &&
              strcmp(err.message, "a.yaml:3: tau = -1: must be positive") == 0,
          "context goes in front");
    check(cf_fail(NULL, CF_ESYSTEM, "nobody listens") == CF_ESYSTEM, "no cf_err is needed");

    cf_err none = {0};
    check(cf_allocate("huge", SIZE_MAX / 4, 8, &none) == NULL && none.status == CF_ESYSTEM &&
              strstr(none.message, "huge") != NULL,
          "an impossible allocation fails and names the array");
    double *zeros = cf_allocate("zeros", 5, sizeof *zeros, NULL);
    check(zeros != NULL && (uintptr_t)zeros % 64 == 0 && zeros[0] == 0 && zeros[4] == 0,
          "allocations are zeroed and aligned to 64 bytes");
    free(zeros);
    return check_done();
}
