#include "info.h"

#include <string.h>

#include "summary.h"

static const char *const HEADINGS[] = {"title",        "status",      "command",    "started",
                                       "finished",     "version",     "git_commit", "build",
                                       "problem_file", "problem_hash"};

static void print_heading(const cf_group *root, const char *name, FILE *stream)
{
    const cf_attribute *attribute = cf_group_attribute(root, name);
    if (attribute != NULL && attribute->type == CF_VALUE_TEXT && attribute->text[0] != '\0')
        fprintf(stream, "%-13s %s\n", name, attribute->text);
}

static void print_record(const cf_record *record, FILE *stream)
{
    static const char *const types[] = {"real", "integer", "text"};
    char shape[128] = "";
    for (int k = 0; k < record->rank; k++)
        snprintf(shape + strlen(shape), sizeof shape - strlen(shape), "%s%zu", k > 0 ? " x " : "",
                 record->dims[k]);
    fprintf(stream, "  %-20s %-18s %-8s %-9s %s\n", record->name, shape, types[record->type],
            record->unit, record->equation);
}

cf_status cf_info_print(const cf_result *result, FILE *stream, cf_err *err)
{
    const cf_group *root = cf_result_group(result, "/");
    for (size_t k = 0; k < sizeof HEADINGS / sizeof *HEADINGS; k++)
        print_heading(root, HEADINGS[k], stream);
    fputc('\n', stream);
    cf_status status = cf_summary_print(result, stream, err);
    for (size_t k = 0; k < result->count && status == CF_OK; k++) {
        const cf_group *group = &result->groups[k];
        if (group->record_count > 0)
            fprintf(stream, "\n%-22s %-18s %-8s %-9s %s\n", group->path, "shape", "type", "unit",
                    "equation");
        for (size_t r = 0; r < group->record_count; r++)
            print_record(&group->records[r], stream);
    }
    return status;
}
