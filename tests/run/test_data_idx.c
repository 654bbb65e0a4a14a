/* Data of kind idx: which images are taken, in which order, as which numbers; and files that are
 * something else are refused in one message that says what to do. */
#define _POSIX_C_SOURCE 200809L
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "check.h"
#include "contraflow/run/parts.h"

enum { COUNT = 10, HEIGHT = 3, WIDTH = 4, PIXELS = HEIGHT * WIDTH };

static char folder[] = "/tmp/contraflow-idx-XXXXXX";
static const unsigned char labels[COUNT] = {5, 3, 9, 3, 5, 5, 9, 3, 5, 9};

/* Pixel p of image i. */
static unsigned char pixel(size_t i, size_t p)
{
    return (unsigned char)((37 * i + 11 * p) % 256);
}

static void write_bytes(const char *name, const unsigned char *bytes, size_t size)
{
    char path[128];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "wb");
    fwrite(bytes, 1, size, file);
    fclose(file);
}

/* The two files, whole. */
static size_t fill_images(unsigned char *bytes)
{
    const unsigned char head[] = {0, 0, 8, 3, 0, 0, 0, COUNT, 0, 0, 0, HEIGHT, 0, 0, 0, WIDTH};
    memcpy(bytes, head, sizeof head);
    for (size_t i = 0; i < COUNT; i++)
        for (size_t p = 0; p < PIXELS; p++)
            bytes[sizeof head + i * PIXELS + p] = pixel(i, p);
    return sizeof head + COUNT * PIXELS;
}

static size_t fill_labels(unsigned char *bytes)
{
    const unsigned char head[] = {0, 0, 8, 1, 0, 0, 0, COUNT};
    memcpy(bytes, head, sizeof head);
    memcpy(bytes + sizeof head, labels, COUNT);
    return sizeof head + COUNT;
}

static void write_both(void)
{
    unsigned char bytes[256];
    write_bytes("images", bytes, fill_images(bytes));
    write_bytes("labels", bytes, fill_labels(bytes));
}

/* --- reading --- */

static cf_status assemble(const char *options, cf_problem **problem, cf_parts **parts, cf_err *err)
{
    char text[512], file[64];
    snprintf(text, sizeof text, "format: 1\ndata:\n  {kind: idx, %s}\nflows: [neural]\n", options);
    snprintf(file, sizeof file, "%s/p.yaml", folder);
    *parts = NULL;
    cf_status status = cf_problem_parse(file, text, NULL, 0, problem, err);
    return status == CF_OK ? cf_parts_create(*problem, parts, err) : status;
}

#define FILES "images: images, labels: labels, "

/* Images by number in the file, as they must come, with scale and shift of pixels. */
static void test_choice(const char *options, const size_t *images, const int *clusters, size_t n)
{
    cf_err err = {0};
    cf_problem *problem = NULL;
    cf_parts *parts = NULL;
    require(assemble(options, &problem, &parts, &err), &err, options);
    const cf_data *data = parts->data;
    bool centered = strstr(options, "centered") != NULL, raw = strstr(options, "raw") != NULL;
    double worst = data->n == n && data->dimension == PIXELS ? 0 : NAN;
    for (size_t i = 0; i < n && data->n == n; i++)
        for (size_t p = 0; p < PIXELS; p++) {
            double mean = 0;
            for (size_t j = 0; j < n && centered; j++)
                mean += pixel(images[j], p) / (255.0 * (double)n);
            double exact = pixel(images[i], p) / (raw ? 1.0 : 255.0) - mean;
            worst = worse(worst, fabs(data->points[i * PIXELS + p] - exact));
            worst = worse(worst, fabs((double)(data->labels[i] - clusters[i])));
        }
    check_below(worst, 1e-15, "%s: these images, in this order, as these clusters", options);
    cf_parts_free(&parts);
    cf_problem_free(&problem);
}

/* --- refusals --- */

/* One change of a byte of one of the files, or its end; at = -1: none, -2: `cut` bytes are kept. */
typedef struct {
    const char *options;
    const char *name; /* images or labels */
    int at;
    unsigned char byte;
    size_t cut;
    const char *message; /* a part of it */
} refusal;

static const refusal refusals[] = {
    {"images: no, labels: labels", "labels", -1, 0, 0, "p.yaml:2: "},
    {"images: images", "labels", -1, 0, 0, "p.yaml:2: data.labels: required, but missing"},
    {FILES "classes: 4", "labels", -1, 0, 0, "p.yaml:3: data.classes.0 = 4: "},
    {FILES "classes: 4", "labels", -1, 0, 0, "has no such label; it has 3, 5, 9"},
    {FILES "classes: [3, 5, 3]", "labels", -1, 0, 0, "data.classes.2 = 3: is there twice"},
    {FILES "classes: [3, 9], points-per-cluster: 4", "labels", -1, 0, 0, "has only 3 of class 3"},
    {FILES "classes: [3, 9], points-per-cluster: [1, 2, 3]", "labels", -1, 0, 0,
     "data.points-per-cluster has 3 numbers: must have 1 or 2, one to a class"},
    {FILES "classes: 300", "labels", -1, 0, 0, "data.classes = 300: must be in [0, 255]"},
    {FILES "classes: [3, 5], pixels: centred", "labels", -1, 0, 0, "did you mean `centered`?"},
    {"images: labels, labels: images, classes: 3", "labels", -1, 0, 0, "the two files are swapped"},
    {"images: labels, labels: labels, classes: 3", "labels", -1, 0, 0, "holds labels (rank 1)"},
    {FILES "classes: 3", "images", -2, 0, 0, "has 0 bytes; an IDX file has a header"},
    {FILES "classes: 3", "images", -2, 0, 10, "is cut off in its header"},
    {FILES "classes: 3", "images", -2, 0, 100, "the file is cut off"},
    {FILES "classes: 3", "images", 0, 0x1f, 0, "is no IDX file: begins with the bytes 1f 00 08 03"},
    {FILES "classes: 3", "images", 2, 0x0d, 0, "has elements of IDX type 0x0d"},
    {FILES "classes: 3", "images", 3, 0, 0, "is no IDX file"},
    {FILES "classes: 3", "images", 3, 2, 0, "there is something behind them"},
    {FILES "classes: 3", "images", 7, 0, 0, "is empty: its size number 1 is 0"},
    {FILES "classes: 3", "images", 7, 9, 0, "there is something behind them"},
    {FILES "classes: 3", "images", 8, 255, 0, "the file is cut off"},
    {FILES "classes: 3", "labels", 7, 9, 0, "there is something behind them"},
};

static void damage(const refusal *r)
{
    unsigned char bytes[256];
    size_t size = strcmp(r->name, "images") == 0 ? fill_images(bytes) : fill_labels(bytes);
    if (r->at >= 0)
        bytes[r->at] = r->byte;
    write_bytes(r->name, bytes, r->at == -2 ? r->cut : size);
}

static void refuse(const refusal *r)
{
    cf_err err = {0};
    cf_problem *problem = NULL;
    cf_parts *parts = NULL;
    write_both();
    damage(r);
    cf_status status = assemble(r->options, &problem, &parts, &err);
    if (!check(status == CF_EINPUT && strstr(err.message, r->message) != NULL, "refused: %s",
               r->message))
        printf("# got: %s\n", err.message);
    cf_parts_free(&parts);
    cf_problem_free(&problem);
}

static void test_refusals(void)
{
    const unsigned char packed[] = {0x1f, 0x8b, 8, 0, 0};
    for (size_t k = 0; k < sizeof refusals / sizeof *refusals; k++)
        refuse(&refusals[k]);
    cf_err err = {0};
    cf_problem *problem = NULL;
    cf_parts *parts = NULL;
    write_bytes("images", packed, sizeof packed);
    check(assemble(FILES "classes: 3", &problem, &parts, &err) == CF_EINPUT &&
              strstr(err.message, "is compressed; unpack it: gunzip") != NULL,
          "a compressed file is told from a broken one");
    cf_problem_free(&problem);
    write_both();
    unsigned char bytes[256];
    size_t size = fill_labels(bytes);
    bytes[7] = 9;
    write_bytes("labels", bytes, size - 1);
    memset(&err, 0, sizeof err);
    check(assemble(FILES "classes: 3", &problem, &parts, &err) == CF_EINPUT &&
              strstr(err.message, "holds 9 labels, but there are 10 images") != NULL,
          "so are labels of other images");
    cf_problem_free(&problem);
}

int main(void)
{
    if (mkdtemp(folder) == NULL)
        return 1;
    write_both();
    test_choice(FILES "classes: [5, 3], points-per-cluster: 2", (size_t[]){0, 4, 1, 3},
                (int[]){0, 0, 1, 1}, 4);
    test_choice(FILES "classes: [9, 5, 3], points-per-cluster: [1, all, 2], pixels: centered",
                (size_t[]){2, 0, 4, 5, 8, 1, 3}, (int[]){0, 1, 1, 1, 1, 2, 2}, 7);
    test_choice(FILES "classes: 3, points-per-cluster: all, pixels: raw", (size_t[]){1, 3, 7},
                (int[]){0, 0, 0}, 3);
    test_refusals();
    for (int k = 0; k < 2; k++) {
        char path[128];
        snprintf(path, sizeof path, "%s/%s", folder, k == 0 ? "images" : "labels");
        unlink(path);
    }
    rmdir(folder);
    return check_done();
}
