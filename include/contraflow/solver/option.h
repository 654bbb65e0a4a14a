/* Option tables: plain descriptions of the parameters of a part. One table row {key, type, field,
 * default, range, doc} alone drives parsing, range checks, the generated reference, the template
 * problem file and the resolved problem in a result. Nothing here knows of files or syntax. */
#ifndef CONTRAFLOW_SOLVER_OPTION_H
#define CONTRAFLOW_SOLVER_OPTION_H

#include <stdbool.h>
#include <stddef.h>

typedef enum {
    CF_OPTION_BOOL,     /* bool */
    CF_OPTION_INTEGER,  /* long */
    CF_OPTION_REAL,     /* double */
    CF_OPTION_TEXT,     /* char *, owned */
    CF_OPTION_PATH,     /* char *, owned; relative paths are resolved against the problem file */
    CF_OPTION_CHOICE,   /* int: index into `choices` */
    CF_OPTION_CHOICES,  /* cf_integers: likewise; one word stands for a list of one */
    CF_OPTION_INTEGERS, /* cf_integers; one number stands for a list of one */
    CF_OPTION_REALS,    /* cf_reals; likewise */
    CF_OPTION_MATRIX,   /* cf_matrix: a list of lists of equal length */
    CF_OPTION_TABLE,    /* cf_matrix: likewise; a list of numbers is one column, a number 1 x 1 */
    CF_OPTION_TEXTS,    /* cf_texts; one text stands for a list of one */
    CF_OPTION_AXES,     /* cf_axes: a section of any keys, each with a list or a range of values */
    CF_OPTION_VARIANT,  /* cf_variant: a nested section, one of `variants` */
    CF_OPTION_VARIANTS, /* cf_variants: a list of at least one of them */
    CF_OPTION_SECTION   /* cf_variant: a nested section whose only kind is variants[0] */
} cf_option_type;

typedef struct {
    long *values;
    size_t count;
} cf_integers;

typedef struct {
    double *values;
    size_t count;
} cf_reals;

typedef struct {
    double *values; /* [rows*columns], row-major */
    size_t rows, columns;
} cf_matrix;

typedef struct {
    char **values; /* owned */
    size_t count;
} cf_texts;

/* Values between two ends. */
typedef struct {
    double from, to;
    long count;  /* 0: not given */
    int spacing; /* index into cf_spacing_names */
} cf_range;

typedef enum { CF_SPACING_LINEAR, CF_SPACING_LOG } cf_spacing;

/* The values that a key takes in turn. */
typedef struct {
    char *key;       /* dotted, as --set takes it */
    cf_texts values; /* as --set takes them; empty for a range */
    bool ranged;
    cf_range range;
    int line; /* where the problem file gives it; -1 for --set */
} cf_axis;

typedef struct {
    cf_axis *items;
    size_t count;
} cf_axes;

struct cf_kind;

/* A chosen kind with its options (a struct of kind->size bytes, owned). */
typedef struct {
    const struct cf_kind *kind;
    void *options;
    int line; /* where the problem file gives it; 0 for a default, -1 for --set */
} cf_variant;

typedef struct {
    cf_variant *items;
    size_t count;
} cf_variants;

typedef struct {
    const char *key;
    cf_option_type type;
    size_t offset; /* of the field in the options struct */
    /* The default as it would be written; NULL: the key is required. "KEY/NUMBER": an earlier key
     * of the table divided by a number. "<kind>": the name of the kind. "~", of a section: its
     * defaults, and a resolved problem shows them in comments only, because giving it has a
     * meaning. */
    const char *fallback;
    double min, max;            /* inclusive; of every element; numeric types; both 0: any value */
    const char *const *choices; /* CHOICE(S): NULL-terminated */
    const struct cf_kind *const
        *variants;    /* VARIANT: NULL-terminated; the first is the default kind */
    const char *unit; /* NULL: dimensionless or not a number */
    const char *doc;  /* one sentence */
    const char *only; /* "eta: power": meaningless, and refused, at other choices (or at the
                       * other value of a BOOL); or NULL */
    const char *zero; /* INTEGER: the word for 0, which is then valid beside the range; or NULL */
    const char *selector; /* VARIANT(S): the key that names the kind; NULL: kind */
} cf_option;

/* What every row of a table of parts (data generators, losses, kernels ...) begins with. */
typedef struct cf_kind {
    const char *name; /* as in the problem file */
    const char *doc;
    const cf_option *options; /* [count] */
    size_t count;
    size_t size; /* bytes of the options struct; 0 without options */
} cf_kind;

#endif
