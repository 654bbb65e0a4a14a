/* The work of one step of training, for the script beside it: writes what goes in and comes out to
 * a file, for the answer to be checked, and prints the shortest times.
 *   steps line PROBLEM FILE   a step on fresh views, and its parts
 *   steps wide N WIDTH FILE   forward and backward through three hidden layers, and dgemm's rate */
#define _POSIX_C_SOURCE 200809L
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cblas.h>

#include "assembly.h"
#include "contraflow/solver/memory.h"
#include "contraflow/solver/random.h"
#include "contraflow/solver/threads.h"

static double seconds_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static void require(cf_status status, const cf_err *err)
{
    if (status == CF_OK)
        return;
    fprintf(stderr, "steps: %s\n", err->message);
    exit(1);
}

/* The shortest of `runs` times of work(context, run), after one that is not counted. */
static double shortest(int runs, void (*work)(void *context, long run), void *context)
{
    double least = 1e300;
    for (int run = 0; run <= runs; run++) {
        double started = seconds_now();
        work(context, run);
        double took = seconds_now() - started;
        if (run > 0 && took < least)
            least = took;
    }
    return least;
}

static void write_numbers(FILE *file, const double *values, size_t count)
{
    if (fwrite(values, sizeof *values, count, file) != count)
        exit(1);
}

static FILE *open_file(const char *path)
{
    FILE *file = fopen(path, "wb");
    if (file == NULL)
        exit(1);
    return file;
}

/* --- line --- */

typedef struct {
    const cf_parts *parts;
    const cf_descent_problem *problem;
    const double *theta;
    cf_network_pass *pass;
    cf_loss *loss;
    size_t rows;
    double *x, *f, *z, *u, *gradient;
} line;

static void step(void *context, long run)
{
    line *b = context;
    cf_err err = {0};
    require(b->problem->gradient(b->problem->system, run, b->theta, b->gradient, &err), &err);
}

static void views(void *context, long run)
{
    line *b = context;
    const cf_parts *parts = b->parts;
    for (size_t row = 0; row < b->rows; row++)
        cf_augmentation_view(parts->augmentation, parts->problem->augmentation.options, parts->data,
                             row / 2, 2 + 2 * (uint64_t)run + row % 2,
                             b->x + row * parts->data->dimension);
}

static void network(void *context, long run)
{
    (void)run;
    line *b = context;
    cf_network_values(b->pass, b->theta, b->x, b->rows, b->f);
    cf_network_forward(b->pass, b->theta, b->x, b->rows, b->f);
    cf_network_pull(b->pass, b->theta, b->u, b->gradient);
}

static void loss(void *context, long run)
{
    (void)run;
    line *b = context;
    cf_loss_gradient(b->loss, b->z, b->u);
}

/* At parameters that have moved from the start, so that the embedding is not the start. */
static void time_line(const char *path, const char *file_path)
{
    cf_err err = {0};
    cf_problem *problem = NULL;
    cf_parts *parts = NULL;
    cf_assembly *assembly = NULL;
    require(cf_problem_read(path, NULL, 0, &problem, &err), &err);
    require(cf_parts_create(problem, &parts, &err), &err);
    require(cf_assembly_create(parts, 0, &assembly, &err), &err);
    const cf_network *net = assembly->network;
    size_t P = cf_network_parameters(net), rows = parts->rows->n, D = parts->data->dimension;
    double *memory = cf_allocate("bench", 2 * P + rows * (D + 3), sizeof *memory, &err);
    double *theta = memory, *gradient = memory + P, *x = gradient + P, *f = x + rows * D;
    cf_network_initialize(net, 2, theta);
    line b = {parts,    cf_training_problem(assembly->training),
              theta,    NULL,
              NULL,     rows,
              x,        f,
              f + rows, f + 2 * rows,
              gradient};
    memcpy(b.z, parts->start, rows * sizeof *b.z);
    for (size_t row = 0; row < rows; row++)
        b.z[row] += 0.3 * (double)(row % 13) - 1.8;
    require(cf_network_pass_create(net, rows, false, &b.pass, &err), &err);
    require(cf_loss_create(&parts->loss, parts->rows->weights, rows, 1, &b.loss, &err), &err);
    views(&b, 0);
    step(&b, 0);
    FILE *file = open_file(file_path);
    write_numbers(file, cf_flow_start(assembly->flow), P);
    write_numbers(file, theta, P);
    write_numbers(file, x, rows * D);
    write_numbers(file, parts->start, rows);
    write_numbers(file, b.z, rows);
    write_numbers(file, gradient, P);
    fclose(file);
    double whole = shortest(50, step, &b), drawn = shortest(50, views, &b);
    double passes = shortest(50, network, &b), pairs = shortest(50, loss, &b);
    printf(
        "{\"step\": %.9g, \"views\": %.9g, \"network\": %.9g, \"loss\": %.9g, \"threads\": %d}\n",
        whole, drawn, passes, pairs, cf_threads());
    cf_network_pass_free(&b.pass);
    cf_loss_free(&b.loss);
    cf_assembly_free(&assembly);
    cf_parts_free(&parts);
    cf_problem_free(&problem);
    free(memory);
}

/* --- wide --- */

enum { HIDDEN = 3, INPUTS = 2, OUTPUTS = 2 };

typedef struct {
    cf_network_pass *pass;
    size_t n, width;
    double *theta, *x, *g, *f, *gradient;
} wide;

static void passes(void *context, long run)
{
    (void)run;
    wide *b = context;
    cf_network_forward(b->pass, b->theta, b->x, b->n, b->f);
    cf_network_pull(b->pass, b->theta, b->g, b->gradient);
}

/* The product of the parameters of two layers, by BLAS with all threads. */
static void dgemm(void *context, long run)
{
    (void)run;
    wide *b = context;
    int n = (int)b->width;
    const double *a = b->theta + INPUTS * b->width + b->width;
    cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, n, n, n, 1, a, n,
                a + b->width * b->width + b->width, n, 0, b->gradient, n);
}

static void time_wide(size_t n, double width, const char *file_path)
{
    const cf_random random = {1, CF_STREAM_PROBE};
    const cf_network_options options = {.hidden_layers = HIDDEN,
                                        .widths = {&width, 1, 1},
                                        .parametrization = CF_PARAMETRIZATION_STANDARD,
                                        .biases = true};
    cf_err err = {0};
    cf_network *net = NULL;
    require(cf_network_create(&options, 0, INPUTS, OUTPUTS, &net, &err), &err);
    size_t P = cf_network_parameters(net), W = (size_t)width, rows = n * (INPUTS + 2 * OUTPUTS);
    double *memory = cf_allocate("bench", 2 * P + rows, sizeof *memory, &err);
    require(memory == NULL ? CF_ESYSTEM : CF_OK, &err);
    double *x = memory + 2 * P, *g = x + n * INPUTS;
    wide b = {NULL, n, W, memory, x, g, g + n * OUTPUTS, memory + P};
    require(cf_network_pass_create(net, n, false, &b.pass, &err), &err);
    cf_network_initialize(net, 1, b.theta);
    for (size_t k = 0; k < n * (INPUTS + OUTPUTS); k++)
        x[k] = cf_random_normal(random, k, 0);
    passes(&b, 0);
    FILE *file = open_file(file_path);
    write_numbers(file, b.theta, P);
    write_numbers(file, x, n * (INPUTS + OUTPUTS));
    write_numbers(file, b.gradient, P);
    fclose(file);
    double N = (double)n, inner = (HIDDEN - 1) * width * width, ends = (INPUTS + OUTPUTS) * width;
    double operations = 2 * N * (inner + ends) + 2 * N * (2 * (inner + ends) - INPUTS * width);
    double took = shortest(3, passes, &b);
    openblas_set_num_threads(cf_threads());
    double product = shortest(3, dgemm, &b);
    printf("{\"passes\": %.9g, \"rate\": %.9g, \"dgemm\": %.9g, \"threads\": %d}\n", took,
           operations / took, 2 * width * width * width / product, cf_threads());
    cf_network_pass_free(&b.pass);
    cf_network_free(&net);
    free(memory);
}

int main(int count, char **words)
{
    if (count == 4 && strcmp(words[1], "line") == 0)
        time_line(words[2], words[3]);
    else if (count == 5 && strcmp(words[1], "wide") == 0)
        time_wide((size_t)atol(words[2]), atof(words[3]), words[4]);
    else
        return 2;
    return 0;
}
