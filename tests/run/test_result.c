/* A result survives its file; a failed write leaves the old file; truncated, foreign and newer
 * files are refused with a message and never crash the reader. */
#define _POSIX_C_SOURCE 200809L
#include <dirent.h>
#include <hdf5.h>
#include <math.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"
#include "contraflow/run/file.h"
#include "contraflow/run/result.h"

static char folder[] = "/tmp/contraflow-result-XXXXXX";

static const char *in_folder(const char *name)
{
    static char path[2][256];
    static int turn;
    turn = 1 - turn;
    snprintf(path[turn], sizeof path[turn], "%s/%s", folder, name);
    return path[turn];
}

static size_t files_in_folder(void)
{
    size_t count = 0;
    DIR *open = opendir(folder);
    for (struct dirent *entry; open != NULL && (entry = readdir(open)) != NULL;)
        count += entry->d_name[0] != '.';
    if (open != NULL)
        closedir(open);
    return count;
}

static void add_record(cf_group *group, const cf_record *record)
{
    cf_err err = {0};
    require(cf_group_add(group, record, &err), &err, record->name);
}

static cf_result *make_result(double scale)
{
    cf_err err = {0};
    cf_result *result;
    cf_group *group;
    double reals[24];
    long integers[3] = {0, -1, INT64_MAX};
    char *texts[] = {"emergence", "", "\xce\xb7 \xe2\x89\xa5 0"};
    for (int k = 0; k < 24; k++)
        reals[k] = scale * sin(k);
    reals[5] = NAN;
    reals[6] = INFINITY;
    char *long_text = calloc(1, 200001);
    memset(long_text, 'x', 200000);
    require(cf_result_create(&result, &err), &err, "create");
    group = cf_result_group(result, "/");
    require(cf_group_set_text(group, "problem", long_text, &err), &err, "long text");
    require(cf_group_set_text(group, "title", "a <b> & \"c\"\n", &err), &err, "text");
    require(cf_group_set_real(group, "cluster_threshold", 0.9, &err), &err, "real");
    require(cf_group_set_integer(group, "seed", -(1L << 40), &err), &err, "integer");
    require(cf_result_add_group(result, "/flows/z-first", &group, &err), &err, "group");
    add_record(group, &(cf_record){"latent", "1", "E3", CF_VALUE_REAL, 3, {4, 3, 2}, reals, 0, 0});
    add_record(group,
               &(cf_record){"embedding", "1", "E6", CF_VALUE_REAL, 4, {2, 2, 3, 2}, reals, 0, 0});
    add_record(group, &(cf_record){"labels", "", "", CF_VALUE_INTEGER, 1, {3}, 0, integers, 0});
    require(cf_result_add_group(result, "/flows/z-first/events", &group, &err), &err, "group");
    add_record(group, &(cf_record){"kind", "", "E26", CF_VALUE_TEXT, 1, {3}, 0, 0, texts});
    add_record(group, &(cf_record){"none", "", "", CF_VALUE_TEXT, 1, {0}, 0, 0, texts});
    add_record(group, &(cf_record){"latent", "1", "", CF_VALUE_REAL, 3, {0, 3, 2}, 0, 0, 0});
    require(cf_result_add_group(result, "/flows/a-second", &group, &err), &err, "group");
    free(long_text);
    return result;
}

static bool same_attributes(const cf_group *a, const cf_group *b)
{
    for (size_t k = 0; k < a->attribute_count; k++) {
        const cf_attribute *x = &a->attributes[k], *y = cf_group_attribute(b, x->name);
        if (y == NULL || x->type != y->type || x->integer != y->integer ||
            memcmp(&x->real, &y->real, sizeof x->real) != 0 ||
            (x->text != NULL && strcmp(x->text, y->text) != 0))
            return false;
    }
    return true;
}

static bool same_values(const cf_record *x, const cf_record *y)
{
    size_t count = cf_record_count(x);
    for (size_t k = 0; k < count && x->type == CF_VALUE_TEXT; k++)
        if (strcmp(x->text[k], y->text[k]) != 0)
            return false;
    return x->type == CF_VALUE_TEXT ||
           memcmp(x->type == CF_VALUE_REAL ? (void *)x->real : (void *)x->integer,
                  y->type == CF_VALUE_REAL ? (void *)y->real : (void *)y->integer, 8 * count) == 0;
}

static bool same_records(const cf_group *a, const cf_group *b)
{
    bool same = a->record_count == b->record_count;
    for (size_t k = 0; same && k < a->record_count; k++) {
        const cf_record *x = &a->records[k], *y = &b->records[k];
        same = strcmp(x->name, y->name) == 0 && strcmp(x->unit, y->unit) == 0 &&
               strcmp(x->equation, y->equation) == 0 && x->type == y->type && x->rank == y->rank &&
               memcmp(x->dims, y->dims, (size_t)x->rank * sizeof *x->dims) == 0 &&
               same_values(x, y);
    }
    return same;
}

static bool same_result(const cf_result *a, const cf_result *b)
{
    bool same = a->count == b->count;
    for (size_t k = 0; same && k < a->count; k++)
        same = strcmp(a->groups[k].path, b->groups[k].path) == 0 &&
               same_attributes(&a->groups[k], &b->groups[k]) &&
               same_records(&a->groups[k], &b->groups[k]);
    return same;
}

static void test_tree(void)
{
    cf_err err = {0};
    cf_result *result = make_result(1);
    cf_group *root = cf_result_group(result, "/"), *group;
    check(cf_result_group(result, "/flows") != NULL, "parents are part of the tree");
    check(isnan(cf_group_real(root, "no")) && cf_group_integer(root, "no") == -1 &&
              strcmp(cf_group_text(root, "no"), "") == 0 && isnan(cf_group_real(root, "title")),
          "absent attributes and those of another type read as NaN, -1 and \"\"");
    size_t count = root->attribute_count;
    require(cf_group_set_real(root, "title", 2, &err), &err, "replace");
    check(root->attribute_count == count && cf_group_real(root, "title") == 2,
          "an attribute set twice keeps its place and takes the new value");
    group = cf_result_group(result, "/flows/z-first");
    double one = 1;
    add_record(group, &(cf_record){"labels", "1", "", CF_VALUE_REAL, 1, {1}, &one, 0, 0});
    check(group->record_count == 3 && cf_group_record(group, "labels")->real[0] == 1,
          "a record added twice is replaced");
    check(cf_result_add_group(result, "flows//x", &group, &err) == CF_EINPUT,
          "a malformed group path is refused: %s", err.message);
    cf_result_free(&result);
    check(result == NULL, "free leaves NULL");
}

static void test_round_trip(void)
{
    cf_err err = {0};
    cf_result *result = make_result(1), *again = NULL;
    char *bytes[2];
    size_t sizes[2];
    require(cf_result_write(result, in_folder("a.h5"), &err), &err, "write");
    require(cf_result_read(in_folder("a.h5"), &again, &err), &err, "read");
    check(same_result(result, again), "groups in order, attributes, records and bits survive");
    check(cf_group_integer(cf_result_group(again, "/"), "format_version") == 1,
          "the file states its format version");
    require(cf_result_write(again, in_folder("b.h5"), &err), &err, "write again");
    require(cf_file_read(in_folder("a.h5"), &bytes[0], &sizes[0], &err), &err, "bytes");
    require(cf_file_read(in_folder("b.h5"), &bytes[1], &sizes[1], &err), &err, "bytes");
    check(sizes[0] == sizes[1] && memcmp(bytes[0], bytes[1], sizes[0]) == 0,
          "the same content gives the same bytes");
    check(files_in_folder() == 2, "nothing but the two files is left");
    free(bytes[0]);
    free(bytes[1]);
    cf_result_free(&result);
    cf_result_free(&again);
}

static void fails(cf_status status, cf_status expected, const cf_err *err, const char *what)
{
    check(status == expected && strlen(err->message) > 10, "%s is refused: %s", what, err->message);
}

static void test_targets(void)
{
    cf_err err = {0};
    cf_result *result = make_result(1);
    fails(cf_result_write(result, in_folder("no/a.h5"), &err), CF_EINPUT, &err, "no such folder");
    err = (cf_err){0};
    fails(cf_result_write(result, folder, &err), CF_EINPUT, &err, "a folder as a file");
    err = (cf_err){0};
    fails(cf_result_write(result, "/dev/full", &err), CF_EINPUT, &err, "a device");
    err = (cf_err){0};
    fails(cf_result_check_target(in_folder("no/a.h5"), 10, &err), CF_EINPUT, &err,
          "no such folder, asked beforehand,");
    err = (cf_err){0};
    fails(cf_result_check_target(in_folder("c.h5"), (size_t)1 << 60, &err), CF_ESYSTEM, &err,
          "more bytes than the disk has");
    if (geteuid() != 0) {
        chmod(folder, 0500);
        err = (cf_err){0};
        fails(cf_result_write(result, in_folder("c.h5"), &err), CF_EINPUT, &err,
              "a protected folder");
        chmod(folder, 0700);
    }
    check(files_in_folder() == 2, "none of them leaves anything behind");
    cf_result_free(&result);
}

/* A limit on the size of files stands for a full disk. */
static void test_full_disk(void)
{
    cf_err err = {0}, asked = {0};
    cf_result *old = make_result(1), *new = make_result(2), *read = NULL;
    struct rlimit limit, small;
    signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &limit);
    small = limit;
    small.rlim_cur = 100000;
    setrlimit(RLIMIT_FSIZE, &small);
    cf_status status = cf_result_write(new, in_folder("a.h5"), &err);
    cf_status before = cf_result_check_target(in_folder("a.h5"), 100001, &asked);
    setrlimit(RLIMIT_FSIZE, &limit);
    fails(status, CF_ESYSTEM, &err, "a file larger than allowed");
    fails(before, CF_ESYSTEM, &asked, "the same, asked beforehand,");
    err = (cf_err){0};
    require(cf_result_read(in_folder("a.h5"), &read, &err), &err, "read");
    check(same_result(old, read), "the old file is intact");
    check(files_in_folder() == 2, "no half file is left");
    cf_result_free(&old);
    cf_result_free(&new);
    cf_result_free(&read);
}

static void test_other_files(void)
{
    cf_err err = {0};
    cf_result *result = make_result(1);
    require(cf_result_write(result, in_folder("kept.h5"), &err), &err, "write");
    fails(cf_file_replace(in_folder("kept.h5"), "a,b\n1,2\n", 8, &err), CF_EINPUT, &err,
          "a table in place of a result");
    err = (cf_err){0};
    require(cf_file_replace(in_folder("p.yaml"), "format: 1\n", 10, &err), &err, "write");
    fails(cf_result_write(result, in_folder("p.yaml"), &err), CF_EINPUT, &err,
          "a result in place of a problem file");
    unlink(in_folder("kept.h5"));
    unlink(in_folder("p.yaml"));
    cf_result_free(&result);
}

enum { WRITERS = 4, WRITES = 25, LENGTH = 50000 };

/* Files of one letter, of a length that tells it; how many writes failed, or were seen half. */
static int write_and_read(int writer)
{
    static char own[WRITERS * LENGTH];
    int failures = 0;
    size_t size;
    char *content;
    memset(own, 'a' + writer, sizeof own);
    for (int k = 0; k < WRITES; k++) {
        cf_err err = {0};
        cf_status status =
            cf_file_replace(in_folder("all.txt"), own, (size_t)(writer + 1) * LENGTH, &err);
        if (status == CF_OK)
            status = cf_file_read(in_folder("all.txt"), &content, &size, &err);
        bool whole = status == CF_OK && size == (size_t)(content[0] - 'a' + 1) * LENGTH;
        for (size_t i = 0; i < size && whole; i++)
            whole = content[i] == content[0];
        failures += !whole;
        if (status == CF_OK)
            free(content);
    }
    return failures;
}

static void test_writers(void)
{
    int failures = 0, status;
    size_t before = files_in_folder();
    for (int writer = 0; writer < WRITERS; writer++)
        if (fork() == 0)
            _exit(write_and_read(writer));
    while (wait(&status) > 0)
        failures += WIFEXITED(status) ? WEXITSTATUS(status) : WRITES;
    check(failures == 0, "%d processes write one file at once: whole files only, %d were not",
          WRITERS, failures);
    unlink(in_folder("all.txt"));
    check(files_in_folder() == before, "and nothing beside it");
}

static cf_status read_bytes(const void *bytes, size_t size, cf_err *err)
{
    cf_result *result = NULL;
    unlink(in_folder("x.h5")); /* a text does not replace a result */
    require(cf_file_replace(in_folder("x.h5"), bytes, size, err), err, "write");
    cf_status status = cf_result_read(in_folder("x.h5"), &result, err);
    cf_result_free(&result);
    return status;
}

static void test_foreign_files(void)
{
    cf_err err = {0};
    cf_result *result = NULL;
    fails(cf_result_read(in_folder("none.h5"), &result, &err), CF_EINPUT, &err, "a missing file");
    err = (cf_err){0};
    fails(cf_result_read(folder, &result, &err), CF_EINPUT, &err, "a folder");
    err = (cf_err){0};
    fails(read_bytes("format: 1\ntitle: not HDF5\n", 26, &err), CF_EINPUT, &err, "a text file");
    err = (cf_err){0};
    fails(read_bytes("", 0, &err), CF_EINPUT, &err, "an empty file");
}

static void test_truncated_files(void)
{
    cf_err err = {0};
    char *bytes;
    size_t size, read = 0, tried = 0;
    require(cf_file_read(in_folder("a.h5"), &bytes, &size, &err), &err, "bytes");
    for (size_t length = 0; length < size; length += length < 3000 ? 61 : 9973, tried++) {
        err = (cf_err){0};
        read += read_bytes(bytes, length, &err) == CF_OK;
    }
    check(read == 0 && tried > 50, "a file cut off anywhere is refused (%zu lengths): %s", tried,
          err.message);
    free(bytes);
}

/* Changes an attribute of the root as another program would. */
static void set_by_hand(const char *path, const char *name, long value)
{
    hid_t file = H5Fopen(path, H5F_ACC_RDWR, H5P_DEFAULT), space = H5Screate(H5S_SCALAR);
    H5Adelete(file, name);
    hid_t id = H5Acreate2(file, name, H5T_STD_I64LE, space, H5P_DEFAULT, H5P_DEFAULT);
    check(id >= 0 && H5Awrite(id, H5T_NATIVE_LONG, &value) >= 0, "HDF5 opens and edits the file");
    H5Aclose(id);
    H5Sclose(space);
    H5Fclose(file);
}

static void test_other_formats(void)
{
    cf_err err = {0};
    cf_result *result = NULL;
    set_by_hand(in_folder("a.h5"), "format_version", 2);
    fails(cf_result_read(in_folder("a.h5"), &result, &err), CF_EINPUT, &err, "a newer version");
    check(strstr(err.message, "format_version = 2") != NULL, "and its version is named");
    err = (cf_err){0};
    set_by_hand(in_folder("a.h5"), "format", 1);
    fails(cf_result_read(in_folder("a.h5"), &result, &err), CF_EINPUT, &err,
          "an HDF5 file of another kind");
}

int main(void)
{
    if (mkdtemp(folder) == NULL)
        return 1;
    test_tree();
    test_round_trip();
    test_targets();
    test_full_disk();
    test_other_files();
    test_writers();
    test_foreign_files();
    test_truncated_files();
    test_other_formats();
    unlink(in_folder("a.h5"));
    unlink(in_folder("b.h5"));
    unlink(in_folder("x.h5"));
    check(rmdir(folder) == 0, "the folder is empty again");
    return check_done();
}
