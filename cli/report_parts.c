#include <math.h>
#include <string.h>

#include "comparison.h"
#include "html.h"
#include "report_parts.h"

/* What the table of flows says, in words. */
static void write_crossings(FILE *page, const cf_flow_view *flow, double threshold)
{
    const cf_group *group = flow->group;
    double emergence = cf_group_real(group, "emergence");
    double dissolution = cf_group_real(group, "dissolution");
    double persistence = cf_group_real(group, "persistence");
    double end = cf_group_real(group, "observed_until");
    if (cf_group_record(group, "separation") == NULL)
        fprintf(page,
                "clusters were not observed, the data having no labels; it was followed to "
                "t = %.4g.",
                end);
    else if (isnan(emergence))
        fprintf(page, "the clusters never emerge: the separation stays below %g up to t = %.4g.",
                threshold, end);
    else if (emergence == 0 && isnan(dissolution))
        fprintf(page, "the clusters are there from the start and until the run ends at t = %.4g.",
                end);
    else if (!isnan(dissolution))
        fprintf(page,
                "the clusters emerge at t = %.4g, persist for %.4g, and dissolve at t = %.4g.",
                emergence, persistence, dissolution);
    else
        fprintf(page,
                "the clusters emerge at t = %.4g and have not dissolved when the run ends at "
                "t = %.4g.",
                emergence, end);
}

static void write_end(FILE *page, const cf_flow_view *flow)
{
    const char *status = cf_group_text(flow->group, "status");
    const char *message = cf_group_text(flow->group, "message");
    bool complete = strcmp(status, "complete") == 0;
    if (!complete || message[0] != '\0') {
        fputs(" <i>", page);
        cf_html_text(page, complete ? "Note" : status);
        fputs("</i>", page);
    }
    if (message[0] != '\0') {
        fputs(": ", page);
        cf_html_text(page, message);
    }
}

/* Times of an event over the seeds of a width. */
typedef struct {
    size_t count;
    double first, last;
} occurrences;

static void note(occurrences *all, double time)
{
    if (isnan(time))
        return;
    all->first = all->count == 0 ? time : fmin(all->first, time);
    all->last = all->count == 0 ? time : fmax(all->last, time);
    all->count++;
}

static void write_occurrences(FILE *page, const char *verb, const occurrences *all, size_t seeds)
{
    fprintf(page, "%s in %zu of %zu", verb, all->count, seeds);
    if (all->count > 0)
        fprintf(page, ", at t = %.4g", all->first);
    if (all->count > 1 && all->last > all->first)
        fprintf(page, " to %.4g", all->last);
}

static void write_width(FILE *page, const cf_result *result, const cf_flow_view *leader)
{
    occurrences emergence = {0}, dissolution = {0};
    size_t cursor = 0, seeds = 0, early = 0;
    cf_flow_view flow;
    while (cf_flow_next(result, &cursor, &flow)) {
        if (!cf_flow_same_width(&flow, leader))
            continue;
        seeds++;
        early += strcmp(cf_group_text(flow.group, "status"), "complete") != 0;
        note(&emergence, cf_group_real(flow.group, "emergence"));
        note(&dissolution, cf_group_real(flow.group, "dissolution"));
    }
    fprintf(page, "%zu seed%s: ", seeds, seeds == 1 ? "" : "s");
    if (cf_group_record(leader->group, "separation") == NULL) {
        fputs("clusters were not observed, the data having no labels.", page);
    } else {
        write_occurrences(page, "the clusters emerge", &emergence, seeds);
        if (emergence.count > 0)
            write_occurrences(page, "; they dissolve", &dissolution, emergence.count);
        fputc('.', page);
    }
    if (early > 0)
        fprintf(page, " <i>%zu ended early.</i>", early);
}

void cf_report_write_findings(FILE *page, const cf_result *result)
{
    double threshold = cf_group_real(cf_result_group(result, "/"), "cluster_threshold");
    size_t cursor = 0;
    cf_flow_view flow;
    fputs("<ul class=\"findings\">\n", page);
    while (cf_flow_next(result, &cursor, &flow)) {
        bool family = cf_flow_family(result, &flow)[0] != '\0';
        size_t length = family ? cf_flow_width_length(&flow) : strlen(flow.name);
        char name[512];
        if (family && !cf_flow_leads(result, &flow))
            continue;
        snprintf(name, sizeof name, "%.*s", (int)length, flow.name);
        fputs("<li><b>", page);
        cf_html_text(page, name);
        fputs("</b>: ", page);
        if (family) {
            write_width(page, result, &flow);
        } else {
            write_crossings(page, &flow, threshold);
            write_end(page, &flow);
        }
        fputs("</li>\n", page);
    }
    fputs("</ul>\n", page);
}

void cf_report_write_laws(FILE *page, const cf_comparison *comparison)
{
    char text[256];
    for (size_t f = 0; f < comparison->family_count; f++) {
        const cf_family_comparison *family = &comparison->families[f];
        fputs("<p><b>", page);
        cf_html_text(page, family->name);
        fputs("</b> against ", page);
        cf_html_text(page, family->reference);
        fputs("</p>\n<ul class=\"findings\">\n", page);
        for (size_t q = 0; q < CF_COMPARED_COUNT; q++) {
            if (!cf_family_has(family, (cf_compared)q))
                continue;
            cf_comparison_write_law(family, (cf_compared)q, text, sizeof text);
            fputs("<li>", page);
            cf_html_text(page, text);
            fputs("</li>\n", page);
        }
        if (cf_comparison_write_conserved(comparison, family, text, sizeof text)) {
            fputs("<li>", page);
            cf_html_text(page, text);
            fputs("</li>\n", page);
        }
        fputs("</ul>\n", page);
    }
}

cf_status cf_report_write_distances(FILE *page, const cf_comparison *comparison, cf_err *err)
{
    cf_table flows = {.columns = 0}, widths = {.columns = 0};
    cf_status status = cf_comparison_flow_table(comparison, true, &flows, err);
    if (status == CF_OK)
        status = cf_comparison_width_table(comparison, &widths, err);
    if (status == CF_OK && flows.rows > 0)
        cf_html_table(page, &flows);
    if (status == CF_OK && widths.rows > 0)
        cf_html_table(page, &widths);
    cf_table_release(&flows);
    cf_table_release(&widths);
    return status;
}
