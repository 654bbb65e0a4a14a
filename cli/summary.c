#include "summary.h"

#include <string.h>

#include "columns.h"

enum { MOST_COLUMNS = 16, CELL = 128 };

/* Characters, not bytes, of UTF-8. */
static int length_of(const char *text)
{
    int length = 0;
    for (; *text != '\0'; text++)
        length += ((unsigned char)*text & 0xC0) != 0x80;
    return length;
}

static void print_cell(const char *text, int width, bool right, FILE *stream)
{
    int padding = width - length_of(text);
    fprintf(stream, "%*s%s%*s", right ? padding : 0, "", text, right ? 0 : padding, "");
}

static void measure(const cf_result *result, int *width)
{
    size_t cursor = 0;
    cf_flow_view flow;
    for (size_t k = 0; cf_summary_columns[k].title != NULL; k++)
        width[k] = length_of(cf_summary_columns[k].title);
    while (cf_flow_next(result, &cursor, &flow))
        for (size_t k = 0; cf_summary_columns[k].title != NULL; k++) {
            char text[CELL];
            cf_summary_columns[k].write(&flow, text, sizeof text);
            if (length_of(text) > width[k])
                width[k] = length_of(text);
        }
}

static void print_row(const cf_flow_view *flow, const int *width, FILE *stream)
{
    for (size_t k = 0; cf_summary_columns[k].title != NULL; k++) {
        char text[CELL];
        if (flow == NULL)
            snprintf(text, sizeof text, "%s", cf_summary_columns[k].title);
        else
            cf_summary_columns[k].write(flow, text, sizeof text);
        fputs(k > 0 ? "  " : "", stream);
        print_cell(text, width[k], cf_summary_columns[k].number, stream);
    }
    fputc('\n', stream);
}

void cf_summary_print(const cf_result *result, FILE *stream)
{
    int width[MOST_COLUMNS] = {0};
    size_t cursor = 0;
    cf_flow_view flow;
    measure(result, width);
    print_row(NULL, width, stream);
    while (cf_flow_next(result, &cursor, &flow))
        print_row(&flow, width, stream);
    for (cursor = 0; cf_flow_next(result, &cursor, &flow);) {
        const char *message = cf_group_text(flow.group, "message");
        if (message[0] != '\0')
            fprintf(stream, "%s: %s\n", flow.name, message);
    }
}
