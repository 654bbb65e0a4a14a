#include "sweep_clusters.h"

#include <math.h>
#include <string.h>

#include "contraflow/run/flow_view.h"
#include "contraflow/solver/memory.h"
#include "sweep_cells.h"

/* As in the table of flows, so that the same statistics serve; the cluster is one more axis. */
static const cf_sweep_column own[] = {{"cluster", "", "", CF_VALUE_TEXT},
                                      {"flow", "", "", CF_VALUE_TEXT},
                                      {"width", "", "", CF_VALUE_INTEGER},
                                      {"seed", "", "", CF_VALUE_INTEGER},
                                      {"status", "", "", CF_VALUE_TEXT},
                                      {"end", "t", "E26", CF_VALUE_REAL},
                                      {"observed_until", "t", "E26", CF_VALUE_REAL},
                                      {"mass", "1", "E17", CF_VALUE_REAL},
                                      {"self_coupling", "1", "E112", CF_VALUE_REAL},
                                      {"emergence", "t", "E111", CF_VALUE_REAL},
                                      {"dissolution", "t", "E111", CF_VALUE_REAL},
                                      {"persistence", "t", "E111", CF_VALUE_REAL},
                                      {"emergence_censored", "", "E111", CF_VALUE_INTEGER},
                                      {"persistence_censored", "", "E111", CF_VALUE_INTEGER}};
enum { OWN = sizeof own / sizeof *own, MASS = 7, SELF_COUPLING = 8 };

cf_status cf_sweep_cluster_columns(const cf_sweep_columns *columns, cf_sweep_columns *out,
                                   cf_err *err)
{
    *out = (cf_sweep_columns){.first = columns->first + 1};
    out->columns = cf_allocate("sweep", columns->first + OWN, sizeof *out->columns, err);
    if (out->columns == NULL)
        return CF_ESYSTEM;
    for (size_t k = 0; k < columns->first; k++)
        out->columns[out->count++] = columns->columns[k];
    for (size_t k = 0; k < OWN; k++)
        out->columns[out->count++] = own[k];
    return CF_OK;
}

/* A number of cluster q; NaN, or -1, where the result has none. */
static void put_number(FILE *stream, const cf_sweep_column *column, const cf_group *group, size_t q)
{
    const cf_record *record = group == NULL ? NULL : cf_group_record(group, column->name);
    bool known = record != NULL && record->type == column->type && q < cf_record_count(record);
    fputc(',', stream);
    if (column->type == CF_VALUE_REAL)
        cf_put_real(stream, known ? record->real[q] : NAN);
    else
        fprintf(stream, "%ld", known ? record->integer[q] : -1);
}

static void put_flow(FILE *stream, const cf_flow_view *flow, const cf_problem *problem, size_t f)
{
    fputc(',', stream);
    cf_put_text(stream, problem->flows[f].options->name);
    fprintf(stream, ",%ld,%ld,", cf_group_integer(flow->group, "width"), problem->flows[f].seed);
    cf_put_text(stream, cf_group_text(flow->group, "status"));
    fputc(',', stream);
    cf_put_real(stream, problem->end);
    fputc(',', stream);
    cf_put_real(stream, cf_group_real(flow->group, "observed_until"));
}

void cf_sweep_cluster_rows(FILE *stream, const cf_sweep_plan *plan, size_t run,
                           const cf_problem *problem, const cf_result *result)
{
    size_t cursor = 0;
    cf_flow_view flow;
    fputc(CF_SWEEP_NEXT_TABLE, stream);
    for (size_t f = 0; cf_flow_next(result, &cursor, &flow) && f < problem->flow_count; f++) {
        char path[1024];
        snprintf(path, sizeof path, "%s/clusters", flow.group->path);
        const cf_group *group = cf_result_group(result, path);
        const cf_record *mass = group == NULL ? NULL : cf_group_record(group, "mass");
        for (size_t q = 0; mass != NULL && q < cf_record_count(mass); q++) {
            cf_put_place(stream, plan, run);
            fprintf(stream, ",%zu", q + 1);
            put_flow(stream, &flow, problem, f);
            for (size_t k = MASS; k < OWN; k++)
                put_number(stream, &own[k], k == SELF_COUPLING ? flow.group : group, q);
            fputc('\n', stream);
        }
    }
}
