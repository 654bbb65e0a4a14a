/* Files that users bring: what is good is read exactly, and whatever is wrong is refused with one
 * message that names the file, the line, the column, the value and the rule. */
#define _POSIX_C_SOURCE 200809L
#include <hdf5.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "check.h"
#include "contraflow/run/data_file.h"
#include "contraflow/run/hdf5_array.h"
#include "contraflow/run/problem.h"
#include "contraflow/run/table_file.h"

static char folder[256];

static const char *in_folder(const char *name)
{
    static char path[512];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static const char *write_bytes(const char *name, const char *text, size_t size)
{
    const char *path = in_folder(name);
    FILE *file = fopen(path, "wb");
    if (file == NULL || fwrite(text, 1, size, file) != size || fclose(file) != 0) {
        printf("Bail out! cannot write %s\n", path);
        exit(1);
    }
    return path;
}

static const char *write_text(const char *name, const char *text)
{
    return write_bytes(name, text, strlen(text));
}

/* The message is `rest` after the path, exactly. */
static void check_refusal(cf_status status, const cf_err *err, const char *path, const char *rest)
{
    char expected[1024];
    snprintf(expected, sizeof expected, "%s%s", path, rest);
    if (!check(status == CF_EINPUT && strcmp(err->message, expected) == 0, "refused: FILE%s", rest))
        printf("# status %d: %s\n", (int)status, err->message);
}

static void refuses_path(const char *path, const char *rest)
{
    cf_err err = {0};
    cf_data *data = NULL;
    cf_status status = cf_data_read(path, &data, &err);
    check_refusal(status, &err, path, rest);
    check(data == NULL, "and nothing is returned");
    cf_data_free(&data);
}

static void refuses(const char *text, const char *rest)
{
    refuses_path(write_text("bad.csv", text), rest);
}

/* --- .csv --- */

static void test_good_csv(void)
{
    cf_err err = {0};
    cf_data *data = NULL;
    const char *path = write_text(
        "good.csv",
        "\xEF\xBB\xBFweight, \"x1\" ,label,x0\r\n1, 0.1 ,2,1e-3\r\n3,-.25,0,+7\r\n\r\n \n");
    require(cf_data_read(path, &data, &err), &err, "a good file");
    const double points[] = {1e-3, 0.1, 7, -0.25};
    check(data->n == 2 && data->dimension == 2 && memcmp(data->points, points, sizeof points) == 0,
          "columns in any order, blanks, CRLF, a byte order mark, blank lines at the end");
    check(data->labels[0] == 2 && data->labels[1] == 0 && data->clusters == 3, "labels");
    check(data->weights[0] == 0.25 && data->weights[1] == 0.75, "weights, rescaled to sum 1");
    cf_data_free(&data);
    require(cf_data_read(write_text("good.csv", "x0\n1\n2\n4"), &data, &err), &err, "one column");
    check(data->n == 3 && data->dimension == 1 && data->points[2] == 4 && data->labels == NULL &&
              data->weights[0] == 1.0 / 3,
          "one column, no last newline, no labels, equal weights");
    cf_data_free(&data);
}

static void test_numbers(void)
{
    enum { COUNT = 1000 };
    static char text[64 * COUNT];
    static double values[COUNT];
    int used = snprintf(text, sizeof text, "x0\n");
    for (int i = 0; i < COUNT; i++) {
        values[i] = ldexp(sin(i + 1), (i % 200) * 10 - 1000);
        used += snprintf(text + used, sizeof text - (size_t)used, "%.17g\n", values[i]);
    }
    cf_err err = {0};
    cf_data *data = NULL;
    require(cf_data_read(write_text("numbers.csv", text), &data, &err), &err, "numbers");
    check(data->n == COUNT && memcmp(data->points, values, sizeof values) == 0,
          "17 digits come back bit for bit");
    cf_data_free(&data);
}

static void test_reference_files(void)
{
    cf_err err = {0};
    cf_data *data = NULL;
    cf_matrix start = {0};
    require(cf_data_read("tests/data/reference/four-discs.csv", &data, &err), &err, "four-discs");
    check(data->n == 200 && data->dimension == 2 && data->clusters == 4 &&
              data->points[0] == -0.91584353003847596,
          "the reference data: 200 points in four clusters");
    require(cf_matrix_read("tests/data/reference/start-sphere.csv", "h", "start", &start, &err),
            &err, "start");
    check(start.rows == 200 && start.columns == 3 && start.values[2] == -0.0079313855238240596,
          "the reference start: 200 rows in R^3");
    cf_data_free(&data);
    free(start.values);
}

static void test_bad_values(void)
{
    refuses("x0,x1\n1,2\n3,nan\n", ":3: column x1 = nan: must be a finite number");
    refuses("x0,x1\n1,2\n-inf,1\n", ":3: column x0 = -inf: must be a finite number");
    refuses("x0,x1\n1,2\n1,1e999\n", ":3: column x1 = 1e999: must be a finite number");
    refuses("x0,x1\n1,two\n3,4\n", ":2: column x1 = two: must be a finite number");
    refuses("x0,x1\n1,0x10\n3,4\n", ":2: column x1 = 0x10: must be a finite number");
    refuses("x0,x1\n1,2\n3,4 5\n", ":3: column x1 = 4 5: must be a finite number");
    refuses("x0,x1\n1,2\n3,1e\n", ":3: column x1 = 1e: must be a finite number");
    refuses("x0,x1\n1,2\n3,\n4,5\n", ":3: column x1 = (empty): must be a finite number");
    refuses("x0,x1\n1,2\n3,a\tb\x1b\n", ":3: column x1 = a?b?: must be a finite number");
    refuses("x0\n1\n\n2\n", ":3: column x0 = (empty): must be a finite number");
    refuses("x0\n1\n0123456789012345678901234567890123456789x\n",
            ":3: column x0 = 0123456789012345678901234567890123456789...: must be a finite number");
}

static void test_bad_shapes(void)
{
    refuses("x0,x1\n1,2\n3\n", ":3: has 1 values: must have 2, one per column");
    refuses("x0,x1\n1,2\n3,4,5\n", ":3: has 3 values: must have 2, one per column");
    refuses("x0,x1\n1,2\n\n3,4\n", ":3: has 1 values: must have 2, one per column");
    refuses("x0,x1\n", ": has no rows below its header");
    refuses("", ": is empty: must have a line of column names");
    refuses("\n \n", ": is empty: must have a line of column names");
    refuses("x0,x1\n1,2\n", ": has a single point: a contrastive loss needs at least two");
    refuses_path(write_bytes("bad.csv", "x0\0y\n1\n2\n", 9),
                 ": contains a zero byte: must be text in UTF-8");
}

static void test_bad_names(void)
{
    refuses("1,2\n3,4\n", ":1: column 1: named 1: the first line must name the columns");
    refuses("x0,,x1\n1,2,3\n", ":1: column 2: has no name");
    refuses("x0,x1,x0\n1,2,3\n", ":1: column x0: appears twice");
    refuses("x0,x2\n1,2\n3,4\n", ":1: column x1: missing, but there is x2");
    refuses("x1\n1\n3\n", ":1: column x0: missing, but there is x1");
    refuses("label\n1\n3\n", ":1: column x0: missing");
    refuses("x0,y\n1,2\n3,4\n",
            ":1: column y: unknown; the columns are x0, x1, ..., label, weight");
    refuses("x0,x01\n1,2\n3,4\n",
            ":1: column x01: unknown; the columns are x0, x1, ..., label, weight");
    refuses("x0,x\n1,2\n3,4\n",
            ":1: column x: unknown; the columns are x0, x1, ..., label, weight");
    refuses(
        "x0,x99999999999999999999\n1,2\n3,4\n",
        ":1: column x99999999999999999999: unknown; the columns are x0, x1, ..., label, weight");
}

static void test_bad_labels_and_weights(void)
{
    refuses("x0,label\n1,0\n2,1.5\n",
            ":3: column label = 1.5: must be an integer from 0 to 1000000");
    refuses("x0,label\n1,-1\n2,1\n", ":2: column label = -1: must be an integer from 0 to 1000000");
    refuses("x0,label\n1,1\n2,1e18\n",
            ":3: column label = 1e+18: must be an integer from 0 to 1000000");
    refuses("x0,weight\n1,1\n2,0\n", ":3: column weight = 0: must be positive and finite");
    refuses("x0,weight\n1,-2\n2,1\n", ":2: column weight = -2: must be positive and finite");
    refuses("x0,weight\n1,1e-320\n2,1e3\n",
            ": data: row 1: weight = 9.99989e-321: vanishes beside the largest, 1000");
}

static void test_bad_files(void)
{
    refuses_path(in_folder("absent.csv"), ": cannot be read (No such file or directory)");
    refuses_path(in_folder("absent.h5"), ": cannot be read (No such file or directory)");
    refuses_path(write_text("data.txt", "x0\n1\n2\n"),
                 ": unknown format: the name must end in .csv or .h5");
    refuses_path(write_text("text.h5", "x0\n1\n2\n"),
                 ": is not an HDF5 file, or is damaged or being written");
    refuses_path(write_text("empty.h5", ""),
                 ": is not an HDF5 file, or is damaged or being written");
    const char *path = in_folder("folder.csv");
    mkdir(path, 0777);
    refuses_path(path, ": cannot be read (not a regular file)");
    rmdir(path);
    path = in_folder("folder.h5");
    mkdir(path, 0777);
    refuses_path(path, ": cannot be read (Is a directory)");
    rmdir(path);
}

/* Twice the file takes about twice the time; a quadratic reader takes four times and more. */
static double seconds_to_read(size_t rows, size_t columns)
{
    const char *path = in_folder("large.csv");
    FILE *file = fopen(path, "w");
    for (size_t k = 0; k < columns; k++)
        fprintf(file, "x%zu%s", k, k + 1 < columns ? "," : "\n");
    for (size_t i = 0; i < rows; i++)
        for (size_t k = 0; k < columns; k++)
            fprintf(file, "0.%zu%s", i + k, k + 1 < columns ? "," : "\n");
    fclose(file);
    double best = HUGE_VAL;
    for (int repeat = 0; repeat < 3; repeat++) {
        cf_err err = {0};
        cf_table *table = NULL;
        clock_t begin = clock();
        require(cf_table_read(path, &table, &err), &err, "large file");
        best = fmin(best, (double)(clock() - begin) / CLOCKS_PER_SEC);
        check(table->rows == rows && table->columns == columns, "%zu x %zu values", rows, columns);
        cf_table_free(&table);
    }
    return best;
}

static void test_linear_time(void)
{
    check_below(seconds_to_read(200000, 2) / seconds_to_read(25000, 2), 32,
                "eight times as many rows take about eight times as long");
    check_below(seconds_to_read(2, 200000) / seconds_to_read(2, 25000), 32,
                "eight times as many columns take about eight times as long");
}

/* --- .h5 --- */

static hid_t create_h5(const char *name)
{
    return H5Fcreate(in_folder(name), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
}

/* A dataset of rank `rank` and memory type `type`, stored as `stored`. */
static void put(hid_t place, const char *name, int rank, const hsize_t *dims, hid_t stored,
                const double *values)
{
    hid_t space = H5Screate_simple(rank, dims, NULL);
    hid_t id = H5Dcreate2(place, name, stored, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    if (values != NULL)
        H5Dwrite(id, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, values);
    H5Dclose(id);
    H5Sclose(space);
}

static const double six[] = {1, 2, 3, 4, 5, 6};
static const hsize_t three_two[] = {3, 2, 1}, three[] = {3}, two[] = {2}, none[] = {0, 2};

static void test_good_h5(const char *group)
{
    const double labels[] = {1, 0, 1}, weights[] = {1, 1, 2};
    hid_t file = create_h5("good.h5"), place = file;
    if (group != NULL)
        place = H5Gcreate2(file, group, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    put(place, "points", 2, three_two, H5T_IEEE_F32BE, six);
    put(place, "labels", 1, three, H5T_STD_I8LE, labels);
    put(place, "weights", 1, three, H5T_IEEE_F64LE, weights);
    if (group != NULL)
        H5Gclose(place);
    H5Fclose(file);
    cf_err err = {0};
    cf_data *data = NULL;
    const char *where = group != NULL ? "in the group data" : "at the root";
    require(cf_data_read(in_folder("good.h5"), &data, &err), &err, where);
    check(data->n == 3 && data->dimension == 2 && memcmp(data->points, six, sizeof six) == 0,
          ".h5 points %s, of any number type", where);
    check(data->clusters == 2 && data->labels[2] == 1 && data->weights[2] == 0.5,
          ".h5 labels and weights %s", where);
    cf_data_free(&data);
}

/* A file with points [3*2] and one more dataset. */
static const char *with_extra(const char *name, int rank, const hsize_t *dims, hid_t stored,
                              const double *values)
{
    hid_t file = create_h5("bad.h5");
    put(file, "points", 2, three_two, H5T_IEEE_F64LE, six);
    put(file, name, rank, dims, stored, values);
    H5Fclose(file);
    return in_folder("bad.h5");
}

static const char *with_points(int rank, const hsize_t *dims, hid_t stored, const double *values)
{
    hid_t file = create_h5("bad.h5");
    put(file, "points", rank, dims, stored, values);
    H5Fclose(file);
    return in_folder("bad.h5");
}

static void test_bad_h5(void)
{
    const double bad[] = {1, 2, 3, NAN, 5, 6}, part[] = {0, 0.5, 1}, zero[] = {1, 1, 0};
    hid_t file = create_h5("bad.h5");
    H5Gclose(H5Gcreate2(file, "data", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
    H5Fclose(file);
    refuses_path(in_folder("bad.h5"),
                 ": dataset points: is missing: must be at the root or in the group data");
    file = create_h5("bad.h5");
    H5Gclose(H5Gcreate2(file, "points", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
    H5Fclose(file);
    refuses_path(in_folder("bad.h5"), ": dataset points: cannot be opened: must be a dataset");
    refuses_path(with_points(2, three_two, H5T_IEEE_F64LE, bad),
                 ": dataset points, row 2, column 2 = nan: must be finite");
    refuses_path(with_points(3, three_two, H5T_IEEE_F64LE, six),
                 ": dataset points: has the wrong number of dimensions: must have one or two");
    refuses_path(with_points(0, three_two, H5T_IEEE_F64LE, six),
                 ": dataset points: has the wrong number of dimensions: must have one or two");
    refuses_path(with_points(2, none, H5T_IEEE_F64LE, NULL),
                 ": dataset points: is empty: must have at least one row and column");
    refuses_path(with_points(2, three_two, H5T_C_S1, NULL),
                 ": dataset points: is not numeric: must hold integers or floating-point numbers");
    refuses_path(with_extra("labels", 1, two, H5T_STD_I32LE, six),
                 ": dataset labels: has 2 x 1 values: must have one for each of the 3 points");
    refuses_path(with_extra("weights", 2, three_two, H5T_IEEE_F64LE, six),
                 ": dataset weights: has 3 x 2 values: must have one for each of the 3 points");
    refuses_path(with_extra("labels", 1, three, H5T_IEEE_F64LE, part),
                 ": dataset labels, row 2 = 0.5: must be an integer from 0 to 1000000");
    refuses_path(with_extra("weights", 1, three, H5T_IEEE_F64LE, zero),
                 ": dataset weights, row 3 = 0: must be positive and finite");
}

static void test_truncated_h5(void)
{
    test_good_h5(NULL);
    struct stat found;
    stat(in_folder("good.h5"), &found);
    size_t crashes = 0;
    for (off_t size = found.st_size - 1; size > 0; size -= 97) {
        cf_err err = {0};
        cf_data *data = NULL;
        if (truncate(in_folder("good.h5"), size) != 0)
            break;
        crashes += cf_data_read(in_folder("good.h5"), &data, &err) != CF_EINPUT || data != NULL;
    }
    check(crashes == 0, "a truncated .h5 file is refused wherever it ends");
}

/* --- matrices --- */

static void test_matrices(void)
{
    cf_err err = {0};
    cf_matrix m = {0};
    const double expected[] = {2, 1, 4, 3};
    require(cf_matrix_read(write_text("k.csv", "k1,k0\n1,2\n3,4\n"), "k", "kernel", &m, &err), &err,
            "matrix");
    check(m.rows == 2 && m.columns == 2 && memcmp(m.values, expected, sizeof expected) == 0,
          "a matrix in .csv, its columns in order of their numbers");
    free(m.values);
    hid_t file = create_h5("k.h5");
    put(file, "kernel", 2, three_two, H5T_IEEE_F64LE, six);
    H5Fclose(file);
    require(cf_matrix_read(in_folder("k.h5"), "k", "kernel", &m, &err), &err, "matrix");
    check(m.rows == 3 && m.columns == 2 && memcmp(m.values, six, sizeof six) == 0,
          "a matrix in .h5");
    free(m.values);
    const char *path = in_folder("k.h5");
    check_refusal(cf_matrix_read(path, "h", "start", &m, &err), &err, path,
                  ": dataset start: is missing: the file must have it");
    check(m.values == NULL, "and nothing is returned");
    err = (cf_err){0};
    path = write_text("h.csv", "h0,label\n1,0\n");
    check_refusal(cf_matrix_read(path, "h", "start", &m, &err), &err, path,
                  ":1: column label: unknown; the columns are h0, h1, ...");
}

/* --- the option tables --- */

static void test_defaults(void)
{
    for (const cf_data_kind *const *row = cf_data_kinds(); *row != NULL; row++) {
        char text[256];
        cf_err err = {0};
        cf_problem *problem = NULL;
        cf_data *data = NULL;
        snprintf(text, sizeof text,
                 "format: 1\ndata: {kind: %s}\nflows:\n  - {name: a, kind: vanilla}\n"
                 "time: {end: 1}\n",
                 (*row)->kind.name);
        require(cf_problem_parse("problem.yaml", text, NULL, 0, &problem, &err), &err, text);
        require(cf_data_generate(*row, problem->data.options, &data, &err), &err, text);
        check(data->n >= 100 && data->clusters >= 2, "%s: the defaults make clusters",
              (*row)->kind.name);
        cf_data_free(&data);
        cf_problem_free(&problem);
    }
}

static void remove_files(void)
{
    static const char *const names[] = {"good.csv", "bad.csv",  "numbers.csv", "data.txt",
                                        "text.h5",  "empty.h5", "large.csv",   "good.h5",
                                        "bad.h5",   "k.csv",    "k.h5",        "h.csv"};
    for (size_t k = 0; k < sizeof names / sizeof *names; k++)
        unlink(in_folder(names[k]));
    rmdir(folder);
}

int main(void)
{
    const char *place = getenv("TMPDIR");
    snprintf(folder, sizeof folder, "%s/contraflow-data-XXXXXX", place != NULL ? place : "/tmp");
    if (mkdtemp(folder) == NULL) {
        printf("Bail out! no temporary folder\n");
        return 1;
    }
    test_good_csv();
    test_numbers();
    test_reference_files();
    test_bad_values();
    test_bad_shapes();
    test_bad_names();
    test_bad_labels_and_weights();
    test_bad_files();
    test_linear_time();
    test_good_h5(NULL);
    test_good_h5("data");
    test_bad_h5();
    test_truncated_h5();
    test_matrices();
    test_defaults();
    remove_files();
    return check_done();
}
