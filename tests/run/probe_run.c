#define _POSIX_C_SOURCE 200809L
#include "probe_run.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "check.h"

char probe_folder[] = "/tmp/contraflow-probes-XXXXXX";

static const struct {
    const char *name, *text;
} files[] = {{"five.csv", "x0,x1,weight,label\n0,1,1,0\n1,0.5,2,0\n-1,1,1,1\n0.3,-1,1,1\n"
                          "0.2,0.4,1e-13,1\n"},
             {"four.csv", "x0,x1,weight,label\n0,1,1,0\n1,0.5,2,0\n-1,1,1,1\n0.3,-1,1,1\n"},
             {"light.csv", "x0,x1,label\n0.2,0.4,1\n"},
             {"two.csv", "x0,x1\n-1,1\n2,2\n1,0.5\n"},
             {"five-probes.csv", "x0,x1\n-1,-1\n-0.7,0.9\n0,0\n1.2,-0.8\n0.5,1.5\n"}};

void probe_file(const char *name, const char *text)
{
    char path[128];
    snprintf(path, sizeof path, "%s/%s", probe_folder, name);
    FILE *file = fopen(path, "w");
    fputs(text, file);
    fclose(file);
}

void probe_open(void)
{
    if (mkdtemp(probe_folder) == NULL)
        require(CF_ESYSTEM, &(cf_err){.message = "no folder can be made"}, probe_folder);
    for (size_t k = 0; k < sizeof files / sizeof *files; k++)
        probe_file(files[k].name, files[k].text);
}

void probe_close(void)
{
    DIR *entries = opendir(probe_folder);
    const struct dirent *entry;
    while (entries != NULL && (entry = readdir(entries)) != NULL)
        if (entry->d_name[0] != '.')
            unlinkat(dirfd(entries), entry->d_name, 0);
    if (entries != NULL)
        closedir(entries);
    rmdir(probe_folder);
}

cf_status probe_run(const char *text, const char *const *settings, cf_result **result, cf_err *err)
{
    cf_problem *problem = NULL;
    cf_parts *parts = NULL;
    cf_run_end end;
    const cf_run_hooks hooks = {.command = "test"};
    size_t count = 0;
    char file[64];
    while (settings[count] != NULL)
        count++;
    snprintf(file, sizeof file, "%s/p.yaml", probe_folder);
    *result = NULL;
    cf_status status = cf_problem_parse(file, text, settings, count, &problem, err);
    if (status == CF_OK)
        status = cf_parts_create(problem, &parts, err);
    if (status == CF_OK)
        status = cf_run(parts, NULL, &hooks, result, &end, err);
    cf_parts_free(&parts);
    cf_problem_free(&problem);
    return status;
}

cf_result *probe_must_run(const char *text, const char *const *settings)
{
    cf_err err = {0};
    cf_result *result = NULL;
    require(probe_run(text, settings, &result, &err), &err, "run");
    return result;
}

const cf_record *probe_record(const cf_result *result, const char *flow, const char *name)
{
    char path[128];
    snprintf(path, sizeof path, flow[0] == '/' ? "%s" : "/flows/%s", flow);
    const cf_group *group = cf_result_group(result, path);
    return group == NULL ? NULL : cf_group_record(group, name);
}

static bool same_records(const cf_group *a, const cf_group *b)
{
    for (size_t k = 0; k < a->record_count; k++) {
        const cf_record *x = &a->records[k], *y = cf_group_record(b, x->name);
        if (y == NULL || cf_record_count(x) != cf_record_count(y))
            return false;
        if (x->type == CF_VALUE_REAL &&
            memcmp(x->real, y->real, cf_record_count(x) * sizeof(double)) != 0)
            return false;
    }
    return true;
}

bool probe_same_flows(const cf_result *alone, const cf_result *with)
{
    static const char *const counts[] = {"steps", "rhs_evaluations", "jacobian_products"};
    static const char *const reals[] = {"emergence", "dissolution", "energy_defect"};
    bool same = true;
    for (size_t g = 0; g < alone->count && same; g++) {
        const cf_group *a = &alone->groups[g], *b = cf_result_group(with, a->path);
        same = b != NULL && same_records(a, b);
        for (int k = 0; k < 3 && same; k++) {
            double x = cf_group_real(a, reals[k]), y = cf_group_real(b, reals[k]);
            same = cf_group_integer(a, counts[k]) == cf_group_integer(b, counts[k]) &&
                   memcmp(&x, &y, sizeof x) == 0;
        }
    }
    return same;
}
