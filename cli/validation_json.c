/* A validation as JSON. */
#include <math.h>

#include "contraflow/run/version.h"
#include "validation.h"

static void write_text(const char *key, const char *text, const char *after, FILE *stream)
{
    fprintf(stream, "\"%s\": \"", key);
    for (; *text != '\0'; text++)
        if (*text == '"' || *text == '\\')
            fprintf(stream, "\\%c", *text);
        else if ((unsigned char)*text < ' ')
            fprintf(stream, "\\u%04x", (unsigned)*text);
        else
            fputc(*text, stream);
    fprintf(stream, "\"%s", after);
}

/* JSON has no word for what is not finite. */
static void write_number(const char *key, double value, const char *after, FILE *stream)
{
    if (isfinite(value))
        fprintf(stream, "\"%s\": %.17g%s", key, value, after);
    else
        fprintf(stream, "\"%s\": null%s", key, after);
}

static void write_verdict(const cf_verdict *v, bool last, FILE *stream)
{
    static const char *const rules[] = {"equal", "relative", "at most", "at least"};
    fputs("      {", stream);
    write_text("case", v->parameters, ", ", stream);
    write_text("quantity", v->quantity, ", ", stream);
    write_text("rule", rules[v->rule], ", ", stream);
    write_number("predicted", v->predicted, ", ", stream);
    write_number("measured", v->measured, ", ", stream);
    write_number("tolerance", v->tolerance, ", ", stream);
    fprintf(stream, "\"control\": %s, \"holds\": %s, ", v->control ? "true" : "false",
            cf_verdict_holds(v) ? "true" : "false");
    write_number("seconds", v->seconds, "}", stream);
    fputs(last ? "\n" : ",\n", stream);
}

static void write_values(const char *key, const double *values, size_t count, FILE *stream)
{
    fprintf(stream, "\"%s\": [", key);
    for (size_t i = 0; i < count; i++) {
        fputs(i > 0 ? ", " : "", stream);
        fprintf(stream, isfinite(values[i]) ? "%.17g" : "null", values[i]);
    }
    fputs("]", stream);
}

static void write_curve(const cf_claim_curve *curve, bool last, FILE *stream)
{
    fputs("      {", stream);
    write_text("label", curve->label, ", ", stream);
    fprintf(stream, "\"predicted\": %s, ", curve->predicted ? "true" : "false");
    write_values("x", curve->x, curve->count, stream);
    fputs(", ", stream);
    write_values("y", curve->y, curve->count, stream);
    fputs(last ? "}\n" : "},\n", stream);
}

static void write_report(const cf_claim_report *report, bool last, FILE *stream)
{
    const cf_claim *claim = report->claim;
    fputs("    {", stream);
    write_text("claim", claim->kind.name, ", ", stream);
    write_text("title", claim->title, ",\n     ", stream);
    write_text("statement", claim->kind.doc, ",\n     ", stream);
    write_text("source", claim->source, ", ", stream);
    write_text("hypothesis", claim->hypothesis, ",\n     ", stream);
    write_text("control", claim->control, ",\n     ", stream);
    write_text("parameters", report->options, ",\n     ", stream);
    write_text("failure", report->failure, ", ", stream);
    write_number("seconds", report->seconds, ", ", stream);
    fprintf(stream, "\"holds\": %s,\n     \"numbers\": [\n", report->holds ? "true" : "false");
    for (size_t k = 0; k < report->count; k++)
        write_verdict(&report->verdicts[k], k + 1 == report->count, stream);
    fputs("    ], \"curves\": [\n", stream);
    for (size_t k = 0; k < report->curve_count; k++)
        write_curve(&report->curves[k], k + 1 == report->curve_count, stream);
    fprintf(stream, "    ]}%s\n", last ? "" : ",");
}

cf_status cf_validation_write_json(const cf_validation_subject *subject, FILE *stream, cf_err *err)
{
    (void)err;
    const cf_validation *validation = subject->validation;
    char build[256];
    cf_build_description(build, sizeof build);
    fputs("{\n  \"format\": \"contraflow-validation\", \"format_version\": 1,\n  ", stream);
    write_text("version", cf_version(), ", ", stream);
    write_text("git_commit", cf_git_commit(), ",\n  ", stream);
    write_text("build", build, ",\n  ", stream);
    write_text("command", subject->command, ",\n  ", stream);
    write_text("started", validation->started, ", ", stream);
    write_number("seconds", validation->seconds, ", ", stream);
    fprintf(stream, "\"holds\": %s,\n  \"claims\": [\n", validation->holds ? "true" : "false");
    for (size_t k = 0; k < validation->count; k++)
        write_report(&validation->reports[k], k + 1 == validation->count, stream);
    fputs("  ]\n}\n", stream);
    return CF_OK;
}
