/* Claims about flows, networks and their limits as checks: each holds elsewhere
 * than at the parameters of its levels, and its controls fail there. */
#include <stdio.h>

#include "check.h"
#include "contraflow/run/validation.h"

enum { MOST_SETTINGS = 5 };

static void print_bad(const cf_claim_report *report)
{
    if (report->failure[0] != '\0')
        printf("# %s\n", report->failure);
    for (size_t i = 0; i < report->count; i++) {
        const cf_verdict *number = &report->verdicts[i];
        if (!cf_verdict_good(number))
            printf("# %s%s: %s: predicted %.9g, measured %.9g, tolerance %g\n",
                   number->control ? "control: " : "", number->parameters, number->quantity,
                   number->predicted, number->measured, number->tolerance);
    }
}

static void test_claim(const char *name, const char *const *settings)
{
    cf_err err = {0};
    cf_validation *validation = NULL;
    cf_validation_setup setup = {
        .names = &name, .name_count = 1, .settings = settings, .level = CF_LEVEL_QUICK};
    while (setup.setting_count < MOST_SETTINGS && settings[setup.setting_count] != NULL)
        setup.setting_count++;
    require(cf_validate(&setup, &validation, &err), &err, name);
    print_bad(&validation->reports[0]);
    check(validation->holds, "%s holds (%s), and its controls fail", name,
          validation->reports[0].claim->title);
    cf_validation_free(&validation);
}

int main(void)
{
    static const struct {
        const char *name, *settings[MOST_SETTINGS];
    } cases[] = {{"C8", {"C8.widths=[7, 40]", "C8.hidden-layers=2", "C8.tau=0.5", "C8.seed=9"}},
                 {"C9", {"C9.activation=[tanh, leaky-relu]", "C9.trained=tanh", "C9.tau=0.3"}},
                 {"C10", {"C10.space=sphere", "C10.psi=log", "C10.activation=gelu", "C10.tau=0.3"}},
                 {"C11",
                  {"C11.activation=leaky-relu", "C11.parametrization=[ntk, standard]",
                   "C11.space=circle", "C11.seed=4"}},
                 {"C12", {"C12.limit=line", "C12.times=0.3"}},
                 {"C13", {"C13.flow=[vanilla, neural, network]", "C13.space=line", "C13.loss=log"}},
                 {"C14", {"C14.tau=0.3", "C14.space=circle"}}};
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++)
        test_claim(cases[k].name, cases[k].settings);
    return check_done();
}
