#include <math.h>
#include <stdio.h>

#include "command.h"
#include "contraflow/run/sensitivity.h"
#include "contraflow/solver/threads.h"
#include "table.h"

static cf_status add_row(const cf_arguments *arguments, const cf_sensitivities *s, size_t f,
                         size_t event, size_t k, cf_table *table, cf_err *err)
{
    static const char *const events[] = {"emergence", "dissolution"};
    const cf_flow_sensitivity *flow = &s->flows[f];
    double time = flow->times[event], slope = flow->derivatives[event][k] + 0.0;
    if (isnan(time))
        return CF_OK;
    cf_cell *row = cf_table_add_row(table, err);
    if (row == NULL)
        return CF_ESYSTEM;
    snprintf(row[0], CF_TABLE_CELL, "%s", flow->flow);
    snprintf(row[1], CF_TABLE_CELL, "%s", events[event]);
    cf_cell_write(row[2], "%.6g", time);
    snprintf(row[3], CF_TABLE_CELL, "%s", arguments->keys[k]);
    cf_cell_write(row[4], "%.6g", s->values[k]);
    cf_cell_write(row[5], "%.5g", slope);
    cf_cell_write(row[6], "%.3g", time > 0 ? slope * s->values[k] / time : NAN);
    return CF_OK;
}

static cf_status print(const cf_arguments *arguments, const cf_sensitivities *s, cf_err *err)
{
    cf_table table = {.columns = 0};
    cf_status status = CF_OK;
    cf_table_add_column(&table, "flow", "", false);
    cf_table_add_column(&table, "event", "", false);
    cf_table_add_column(&table, "time", "", true);
    cf_table_add_column(&table, "key", "", false);
    cf_table_add_column(&table, "value", "", true);
    cf_table_add_column(&table, "derivative", "", true);
    cf_table_add_column(&table, "elasticity", "", true);
    for (size_t f = 0; f < s->count; f++)
        for (size_t event = 0; event < 2; event++)
            for (size_t k = 0; k < s->key_count && status == CF_OK; k++)
                status = add_row(arguments, s, f, event, k, &table, err);
    if (status == CF_OK)
        cf_table_print(&table, stdout);
    cf_table_release(&table);
    for (size_t f = 0; f < s->count && status == CF_OK; f++)
        if (!isnan(s->flows[f].times[1]) && s->flows[f].message[0] != '\0')
            printf("%s: %s\n", s->flows[f].flow, s->flows[f].message);
        else if (isnan(s->flows[f].times[1]))
            printf("%s: clusters did not %s (%s)%s%s\n", s->flows[f].flow,
                   isnan(s->flows[f].times[0]) ? "emerge" : "dissolve", s->flows[f].status,
                   s->flows[f].message[0] != '\0' ? ": " : "", s->flows[f].message);
    return status;
}

static int execute(const cf_arguments *arguments, const char *command_line, cf_err *err)
{
    (void)command_line;
    cf_problem *problem = NULL;
    cf_sensitivities *sensitivities = NULL;
    cf_set_threads(arguments->threads);
    cf_status status = cf_problem_read(arguments->file, arguments->settings,
                                       arguments->setting_count, &problem, err);
    if (status == CF_OK && arguments->key_count == 0)
        status = cf_fail(err, CF_EINPUT, "a number is missing: --of loss.tau, say");
    if (status == CF_OK)
        status =
            cf_sensitivities_create(problem, arguments->settings, arguments->setting_count,
                                    arguments->keys, arguments->key_count, &sensitivities, err);
    if (status == CF_OK)
        status = print(arguments, sensitivities, err);
    cf_sensitivities_free(&sensitivities);
    cf_problem_free(&problem);
    return cf_exit_code(status);
}

const cf_command cf_command_sensitivity = {
    "sensitivity",
    "sensitivity FILE --of KEY [--of KEY]... [--set KEY=VALUE]... [--threads N]",
    "how the times of emergence and dissolution depend on numbers of the problem, exactly (E68)",
    {.file = true, .set = true, .threads = true, .of = true},
    execute};
