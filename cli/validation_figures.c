#define _POSIX_C_SOURCE 200809L
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "figure.h"
#include "gnuplot.h"
#include "validation.h"

cf_status cf_claim_picture(const cf_claim_report *report, const char *folder, char **svg,
                           cf_err *err)
{
    const cf_subject subject = {.claim = report};
    cf_figure_kind kind = cf_figure_claim;
    cf_figure figure = {0};
    bool cairo = false;
    *svg = NULL;
    if (report->curve_count == 0 || report->claim->figure.x == NULL || !cf_gnuplot_present(&cairo))
        return CF_OK;
    kind.name = report->claim->kind.name;
    if (mkdir(folder, 0777) != 0 && errno != EEXIST)
        return cf_fail(err, CF_EINPUT, "%s: this folder for the figures cannot be made (%s)",
                       folder, strerror(errno));
    return cf_figure_write(&kind, &subject, folder, cairo, &figure, svg, err);
}
