/* Sections of a problem as option tables describe them: read from nodes into options structs,
 * freed, and printed. */
#ifndef CONTRAFLOW_RUN_SECTION_H
#define CONTRAFLOW_RUN_SECTION_H

#include <stdbool.h>
#include <stdio.h>

#include "contraflow/solver/error.h"
#include "contraflow/solver/option.h"
#include "places.h"
#include "yaml_tree.h"

enum { CF_KEY_SIZE = 256 }; /* of a dotted key and its NUL */

typedef struct {
    const char *file;
    const char *directory;    /* relative paths are resolved against it */
    const cf_option *variant; /* whose keys are read: its selector is a valid key, too; or NULL */
    cf_places *places;        /* gathers what is given; NULL while a default is read */
} cf_reader;

/* Reads a section into zeroed `options` of kind->size bytes;
 * what was read before a failure is released by cf_options_free. `key` is the dotted key of the
 * section. Nodes are changed on the way. Failures begin with their place. */
cf_status cf_options_read(const cf_reader *reader, cf_node *node, const char *key,
                          const cf_kind *kind, void *options, cf_err *err);

/* Frees what the fields own, not the struct. */
void cf_options_free(const cf_kind *kind, void *options);

/* Whether the key means anything beside the other options (`only` of its row). */
bool cf_option_applies(const cf_kind *kind, const cf_option *option, const void *options);

/* The k-th path among the options and the sections in them, in the order of the tables; NULL past
 * the last, with *k less by their number. */
const char *cf_options_path(const cf_kind *kind, const void *options, size_t *k);

const cf_option *cf_option_find(const cf_kind *kind, const char *key);
const char *cf_option_selector(const cf_option *option);

/* Prints "key: value" lines that read back to the same options. Paths below `directory` are printed
 * relative to it. */
void cf_options_print(FILE *stream, const char *directory, const cf_kind *kind,
                      const void *options);

/* A decimal number that reads back to the same bits, as short as 15 to 17 digits allow. */
void cf_number_print(FILE *stream, double value);

/* A text in a form that reads back the same, in quotes where it needs them. */
void cf_text_print(FILE *stream, const char *text);

#endif
