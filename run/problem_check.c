/* What the option tables cannot say: rules between several keys. */
#include "problem_check.h"

#include <stdio.h>
#include <string.h>

#include "section_parts.h"

static cf_status blamed(const cf_reader *reader, const char *key, cf_err *err)
{
    const cf_place *place = cf_places_nearest(reader->places, key);
    return cf_place_prepend(err, reader->file, place != NULL ? place->line : 1,
                            place != NULL ? place->setting : NULL);
}

static bool valid_name(const char *name)
{
    static const char letters[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
    return name[0] != '\0' && strspn(name, letters) == strlen(name) && strcmp(name, ".") != 0 &&
           strcmp(name, "..") != 0;
}

static const char *flow_name(const cf_root *root, size_t flow)
{
    return ((const cf_flow_options *)root->flows.items[flow].options)->name;
}

/* Names become groups of a result, and files of a report. */
static cf_status check_names(const cf_reader *reader, const cf_root *root, cf_err *err)
{
    for (size_t i = 0; i < root->flows.count; i++) {
        char key[64], shown[64];
        const char *name = flow_name(root, i);
        snprintf(key, sizeof key, "flows.%zu.name", i);
        cf_text_shown(name, shown, sizeof shown);
        if (!valid_name(name)) {
            cf_fail(err, CF_EINPUT,
                    "%s = %s: must consist of letters, digits, dot, underscore and hyphen", key,
                    name[0] != '\0' ? shown : "\"\"");
            return blamed(reader, key, err);
        }
        for (size_t j = 0; j < i; j++)
            if (strcmp(flow_name(root, j), name) == 0) {
                cf_fail(err, CF_EINPUT,
                        "%s = %s: must differ from flows.%zu.name; give each flow a name", key,
                        shown, j);
                return blamed(reader, key, err);
            }
    }
    return CF_OK;
}

static cf_status check_list(const cf_reader *reader, const char *key, const cf_reals *list,
                            double end, cf_err *err)
{
    for (size_t i = 0; i < list->count; i++) {
        double t = list->values[i], previous = i > 0 ? list->values[i - 1] : 0;
        char given[32], bound[32];
        cf_exact_text(t, given);
        if (!(t > 0) || t > end)
            cf_fail(err, CF_EINPUT, "%s.%zu = %s: must be in (0, time.end = %s]%s", key, i, given,
                    cf_exact_text(end, bound), t == 0 ? "; time 0 is always there" : "");
        else if (t <= previous)
            cf_fail(err, CF_EINPUT, "%s.%zu = %s: must be greater than the time before it, %s", key,
                    i, given, cf_exact_text(previous, bound));
        else
            continue;
        return blamed(reader, key, err);
    }
    return CF_OK;
}

static cf_status check_times(const cf_reader *reader, const char *key, const cf_variant *times,
                             double end, cf_err *err)
{
    cf_times_options *options = times->options;
    char first[CF_KEY_SIZE];
    if (strcmp(times->kind->name, "list") == 0)
        return check_list(reader, key, &options->list, end, err);
    if (strcmp(times->kind->name, "log") != 0 || options->first < end)
        return CF_OK;
    cf_key_join(first, key, "first");
    if (cf_places_find(reader->places, first) == NULL) {
        options->first = end / 10000;
        return CF_OK;
    }
    cf_fail(err, CF_EINPUT, "%s = %g: must be less than time.end = %g", first, options->first, end);
    return blamed(reader, first, err);
}

cf_status cf_problem_check(const cf_reader *reader, cf_root *root, cf_err *err)
{
    const cf_time_section *time = root->time.options;
    cf_status status = check_names(reader, root, err);
    if (status == CF_OK)
        status = check_times(reader, "time.outputs", &time->outputs, time->end, err);
    return status == CF_OK ? check_times(reader, "snapshots", &root->snapshots, time->end, err)
                           : status;
}
