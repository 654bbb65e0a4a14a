#include "summary.h"

#include "columns.h"

void cf_summary_print_messages(const cf_result *result, FILE *stream)
{
    size_t cursor = 0;
    cf_flow_view flow;
    while (cf_flow_next(result, &cursor, &flow)) {
        const char *message = cf_group_text(flow.group, "message");
        if (message[0] != '\0')
            fprintf(stream, "%s: %s\n", flow.name, message);
    }
}

cf_status cf_summary_print(const cf_result *result, FILE *stream, cf_err *err)
{
    cf_table table = {.columns = 0};
    cf_status status = cf_flow_table(result, cf_summary_columns, false, &table, err);
    if (status == CF_OK)
        cf_table_print(&table, stream);
    cf_table_release(&table);
    if (status == CF_OK)
        cf_summary_print_messages(result, stream);
    return status;
}
